using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Evaluation;

/// <summary>The counts of one row of the table.</summary>
internal sealed class RowMetrics
{
    private readonly MapRow _row;
    private readonly SharedLocalisation? _localisation;
    private readonly Faithfulness? _faithfulness;
    private readonly int _faithfulnessImages;

    /// <summary>Counts that are all 0.</summary>
    /// <param name="row">The maps.</param>
    /// <param name="images">How many of the images this row uses.</param>
    /// <param name="plan">What to measure.</param>
    /// <param name="chosen">Thresholds chosen on other images.</param>
    /// <param name="boxesOnly">Whether to leave out all but localisation.</param>
    public RowMetrics(MapRow row, int images, EvaluationPlan plan, ChosenThresholds? chosen, bool boxesOnly)
    {
        _row = row;
        Images = images;
        _localisation = plan.Boxes ? new SharedLocalisation(plan, chosen) : null;
        _faithfulness = plan.Faithfulness && !boxesOnly ? new Faithfulness(plan.Steps, plan.Seed) : null;
        _faithfulnessImages = Math.Min(images, plan.FaithfulnessImages);
    }

    /// <summary>How many of the images this row uses: the first ones.</summary>
    public int Images { get; }

    /// <summary>The threshold of boxes that was chosen on other images; null where none was.</summary>
    public double? ChosenThreshold => _localisation?.ChosenThreshold;

    /// <summary>
    /// Counts the images of a batch that this row uses. The boxes are found on all cores, which costs more than the maps.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="truths">What is true of its images; empty where that is not wanted.</param>
    /// <param name="maps">Their maps.</param>
    /// <param name="ranks">The places of their classes among the predicted ones.</param>
    /// <param name="scores">Asks the network.</param>
    /// <param name="found">Gets what was found in each.</param>
    public void Add(
        SampleBatch batch, IReadOnlyList<PictureTruth> truths, float[] maps, int[] ranks, ImageScores scores, FoundBoxes[] found)
    {
        int area = batch.Area;
        _localisation?.For(truths.Count, (localisation, n) =>
        {
            if (truths[n].IsKnown && batch.Indices[n] < Images)
            {
                found[n] = truths[n].MeasureInput(localisation, maps.AsSpan(n * area, area), batch.Width, ranks[n]);
            }
        });

        int tested = (int)Math.Clamp(_faithfulnessImages - batch.Indices[0], 0, batch.Count);
        for (int first = 0; first < tested && _faithfulness is not null; first += AllCores.Count)
        {
            // On all cores by turns: what needs no network, one image per core, then the network, image by image.
            var prepared = new FaithfulnessCase[Math.Min(AllCores.Count, tested - first)];
            AllCores.For(prepared.Length, i =>
                prepared[i] = _faithfulness.Prepare(
                    batch.Indices[first + i], batch.Image(first + i), maps.AsSpan((first + i) * area, area), batch.Width));
            for (int i = 0; i < prepared.Length; i++)
            {
                _faithfulness.Add(prepared[i], batch.Image(first + i), batch.Labels[first + i], scores);
            }
        }
    }

    /// <summary>Writes the counts, for <see cref="Merge"/> of another rank.</summary>
    public void Write(BinaryWriter writer)
    {
        _localisation?.Merged().Write(writer);
        _faithfulness?.Write(writer);
    }

    /// <summary>Adds the counts that a rank wrote.</summary>
    public void Merge(BinaryReader reader)
    {
        _localisation?.Merged().Merge(reader);
        _faithfulness?.Merge(reader);
    }

    /// <summary>All localisation counts in one; null where there are none.</summary>
    public Localisation? Merged() => _localisation?.Merged() is { } found and ({ Count: > 0 } or { Masks: > 0 }) ? found : null;

    /// <summary>The figures.</summary>
    public MapResult Result(long? validationImages) => new()
    {
        Method = _row.Name,
        Layer = _row.Layer,
        Weights = _row.Weights,
        ValidationImages = validationImages,
        Localisation = Merged()?.Result(),
        Faithfulness = _faithfulness?.Result(),
    };
}
