using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Evaluation;

/// <summary>How exactly score maps that lie in a folder find the objects: no network is asked. The ranks of a job take batches by turns.
/// </summary>
/// <param name="job">Who shares the work; all of it is collective.</param>
/// <param name="maps">The folder.</param>
/// <param name="plan">What to measure.</param>
/// <param name="classNames">Names of the pictures' classes.</param>
/// <param name="report">Gets a line for each map that cannot be used.</param>
internal sealed class ScoreMapEvaluation(
    RankJob job, ScoreMapFolder maps, EvaluationPlan plan, IReadOnlyList<string> classNames, Action<string> report)
{
    private const int Batch = 256;

    /// <summary>Measures.</summary>
    /// <param name="test">The pictures.</param>
    /// <param name="validation">Pictures that thresholds are chosen on; empty to choose none.</param>
    /// <exception cref="GpuCamException">Maps are missing or broken; each was reported.</exception>
    public ScoreMapResult Run(IReadOnlyList<DataPicture> test, IReadOnlyList<DataPicture> validation)
    {
        var faults = new List<string>();
        Localisation choice = Measure(validation, null, null, faults);
        bool chooses = job.Broadcast(choice.Count > 0);
        ChosenThresholds chosen = job.Broadcast(choice.Choose());
        Localisation found = Measure(test, chooses ? chosen : null, plan.Table, faults);
        plan.Table?.Gather(job);
        return job.OfFirst(() =>
        {
            if (faults.Count > 0)
            {
                faults.ForEach(report);
                throw new GpuCamException(
                    $"{faults.Count:N0} of {test.Count + validation.Count:N0} score maps cannot be used, the first is {faults[0]}; make "
                    + "them again, or give --threshold-from none if only those of the validation pictures are missing");
            }

            return new ScoreMapResult
            {
                Images = test.Count,
                Rules = OptionNames.Rules.NameOf(plan.Rules),
                Maps =
                [
                    new MapResult
                    {
                        Method = ScoreMapResult.Method, Layer = "-", Weights = "-", ValidationImages = chooses ? choice.Count : null,
                        Localisation = found is { Count: > 0 } or { Masks: > 0 } ? found.Result() : null,
                    },
                ],
            };
        });
    }

    /// <summary>Measures this rank's pictures; on rank 0 the counts and the faults are those of all.</summary>
    private Localisation Measure(
        IReadOnlyList<DataPicture> pictures, ChosenThresholds? chosen, PictureTable? table, List<string> faults)
    {
        var counts = new SharedLocalisation(plan, chosen);
        int batches = (pictures.Count + Batch - 1) / Batch;
        string[][] wrong = job.Together(() => job.Own(batches)
            .Select(batch => Measure(pictures, batch * Batch, counts, table)).ToArray());
        Localisation found = counts.Merged();
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        found.Write(writer);
        Part[] parts = job.Gather(new Part(wrong, stream.ToArray())) ?? [];
        for (int batch = 0; batch < batches && parts.Length > 0; batch++)
        {
            faults.AddRange(parts[batch % job.Size].Wrong[batch / job.Size]);
        }

        foreach (Part part in parts.Skip(1))
        {
            using var reader = new BinaryReader(new MemoryStream(part.Counts));
            found.Merge(reader);
        }

        return found;
    }

    private string[] Measure(IReadOnlyList<DataPicture> pictures, int first, SharedLocalisation counts, PictureTable? table)
    {
        int count = Math.Min(Batch, pictures.Count - first);
        var truths = new PictureTruth[count];
        var found = new FoundBoxes[count];
        string?[] wrong = new string?[count];
        counts.For(count, (localisation, n) =>
        {
            DataPicture picture = pictures[first + n];
            truths[n] = PictureTruth.Of(picture, picture.Width, picture.Height, plan, null);
            wrong[n] = maps.Measure(picture, truths[n], localisation, out found[n]);
        });
        table?.Begin();
        for (int n = 0; n < count; n++)
        {
            DataPicture picture = pictures[first + n];
            table?.Add(picture, classNames[picture.Label], counts.ChosenThreshold, truths[n], found[n]);
        }

        return [.. wrong.OfType<string>()];
    }

    /// <summary>What a rank sends.</summary>
    /// <param name="Wrong">What is wrong with maps, batch by batch.</param>
    /// <param name="Counts">Its counts, as <see cref="Localisation.Write"/> has them.</param>
    private sealed record Part(string[][] Wrong, byte[] Counts);
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
