using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Evaluation;

/// <summary>How exactly score maps that lie in a folder find the objects: no network is asked.</summary>
/// <param name="maps">The folder.</param>
/// <param name="plan">What to measure.</param>
/// <param name="classNames">Names of the pictures' classes.</param>
/// <param name="report">Gets a line for each map that cannot be used.</param>
internal sealed class ScoreMapEvaluation(
    ScoreMapFolder maps, EvaluationPlan plan, IReadOnlyList<string> classNames, Action<string> report)
{
    private const int Batch = 256;

    /// <summary>Measures.</summary>
    /// <param name="test">The pictures.</param>
    /// <param name="validation">Pictures that thresholds are chosen on; empty to choose none.</param>
    /// <exception cref="GpuCamException">Maps are missing or broken; each was reported.</exception>
    public ScoreMapResult Run(IReadOnlyList<DataPicture> test, IReadOnlyList<DataPicture> validation)
    {
        var faults = new List<string>();
        var chosenOn = new SharedLocalisation(plan, null);
        Measure(validation, chosenOn, null, faults);
        Localisation? choice = chosenOn.Merged() is { Count: > 0 } counted ? counted : null;
        var found = new SharedLocalisation(plan, choice?.Choose());
        Measure(test, found, plan.Table, faults);
        if (faults.Count > 0)
        {
            faults.ForEach(report);
            throw new GpuCamException(
                $"{faults.Count:N0} of {test.Count + validation.Count:N0} score maps cannot be used, the first is {faults[0]}; make them "
                + "again, or give --threshold-from none if only those of the validation pictures are missing");
        }

        return new ScoreMapResult
        {
            Images = test.Count,
            Rules = OptionNames.Rules.NameOf(plan.Rules),
            Maps =
            [
                new MapResult
                {
                    Method = ScoreMapResult.Method, Layer = "-", Weights = "-", ValidationImages = choice?.Count,
                    Localisation = found.Merged()?.Result(),
                },
            ],
        };
    }

    private void Measure(IReadOnlyList<DataPicture> pictures, SharedLocalisation counts, PictureTable? table, List<string> faults)
    {
        for (int first = 0; first < pictures.Count; first += Batch)
        {
            int begin = first, count = Math.Min(Batch, pictures.Count - first);
            var truths = new PictureTruth[count];
            var found = new FoundBoxes[count];
            string?[] wrong = new string?[count];
            counts.For(count, (localisation, n) =>
            {
                DataPicture picture = pictures[begin + n];
                truths[n] = PictureTruth.Of(picture, picture.Width, picture.Height, plan, null);
                wrong[n] = maps.Measure(picture, truths[n], localisation, out found[n]);
            });
            faults.AddRange(wrong.OfType<string>());
            for (int n = 0; n < count; n++)
            {
                DataPicture picture = pictures[begin + n];
                table?.Add(picture, classNames[picture.Label], counts.ChosenThreshold, truths[n], found[n]);
            }
        }
    }
}

/// <summary>What was found of score maps.</summary>
internal sealed record ScoreMapResult
{
    /// <summary>What a table calls such maps.</summary>
    public const string Method = "score maps";

    public required int Images { get; init; }

    /// <summary>By whose rules: <c>papers</c> or <c>wsolevaluation</c>.</summary>
    public required string Rules { get; init; }

    /// <summary>The figures: one row.</summary>
    public required IReadOnlyList<MapResult> Maps { get; init; }
}
