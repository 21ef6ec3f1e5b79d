using System.Globalization;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Training;

/// <summary>A line of <c>metrics.jsonl</c>: one evaluation. A pure function of the settings; the clock has its own file.</summary>
internal sealed record MetricsEntry
{
    public required int Step { get; init; }

    public required long Images { get; init; }

    public required int Canvas { get; init; }

    public required float LearningRate { get; init; }

    /// <summary>Mean loss of the training images since the evaluation before; absent in the first line.</summary>
    public double? TrainLoss { get; init; }

    public double? TrainAccuracy { get; init; }

    /// <summary>What the figures below are of, where that is not the test: <c>validation</c>, of pictures that have such a split.</summary>
    public string? Split { get; init; }

    public required int TestImages { get; init; }

    public required double TestLoss { get; init; }

    public required double TestAccuracy { get; init; }

    /// <summary>
    /// Share of test images whose map, cut at 20 % of its maximum, gives a box with IoU ≥ 0.5 (ground-truth class); absent without boxes.
    /// </summary>
    public double? GtKnown { get; init; }

    /// <summary>Share of test images whose map has its maximum inside the true box.</summary>
    public double? PointingGame { get; init; }

    /// <summary>Test images that have a box, which the shares of boxes are of; absent where all have, or none has.</summary>
    public long? BoxImages { get; init; }

    /// <summary>
    /// With <see cref="TrainSettings.TrackLocalisation"/>: GT-known at the threshold of a sweep that is best for these images (MaxBoxAcc).
    /// </summary>
    public double? MaxBoxAcc { get; init; }

    /// <summary>That threshold.</summary>
    public double? MaxBoxAccThreshold { get; init; }

    /// <summary>Share of test images whose class is right as well, at the same threshold.</summary>
    public double? Top1Localisation { get; init; }

    /// <summary>Any part of the map, mean over IoU 0.3, 0.5 and 0.7, each at its best threshold.</summary>
    public double? MaxBoxAccV2 { get; init; }

    /// <summary>Average precision of the pixels of all images, against the digits' masks.</summary>
    public double? PxAp { get; init; }

    /// <summary>Mean share of the map's positive part that lies inside the true box.</summary>
    public double? EnergyPointingGame { get; init; }

    public static MetricsEntry Create(RunProgress progress, TrainSettings settings, float learningRate, int canvas, EvaluationResult test)
    {
        MetricsEntry entry = Plain(progress, settings, learningRate, canvas, test);
        return settings.TrackLocalisation && test.Localisation is { } found
            ? entry with
            {
                MaxBoxAcc = found.Best50.GtKnown50,
                MaxBoxAccThreshold = found.Best50.Threshold,
                Top1Localisation = found.Best50.Top1,
                MaxBoxAccV2 = found.BestAny.Mean,
                PxAp = found.PixelAveragePrecision,
                EnergyPointingGame = found.EnergyPointingGame,
            }
            : entry;
    }

    private static MetricsEntry Plain(
        RunProgress progress, TrainSettings settings, float learningRate, int canvas, EvaluationResult test) => new()
        {
            Step = progress.Step,
            Images = (long)progress.Step * settings.Batch,
            Canvas = canvas,
            LearningRate = learningRate,
            TrainLoss = progress.Count == 0 ? null : progress.Loss,
            TrainAccuracy = progress.Count == 0 ? null : progress.Accuracy,
            TestImages = test.Images,
            TestLoss = test.Loss,
            TestAccuracy = test.Accuracy,
            GtKnown = test.Localisation?.Paper.GtKnown50,
            PointingGame = test.Localisation?.PointingGame,
            BoxImages = test.Localisation is { } found && found.Count < test.Images ? found.Count : null,
        };

    /// <summary>The entry for people.</summary>
    public string ToText(int steps, TrainingClock clock)
    {
        string training = TrainLoss is { } loss
            ? string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}, train {TrainAccuracy:0.0 %}, ")
            : "";
        string of = BoxImages is { } n ? $" of {n}" : "";
        string box = GtKnown is { } share ? string.Create(CultureInfo.InvariantCulture, $", boxes {share:0.0 %}{of}") : "";
        string speed = Step == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"  ({clock.ImagesPerSecond:0} images/s, {clock.Seconds:0} s, canvas {Canvas})");
        string split = Split ?? "test";
        return string.Create(
            CultureInfo.InvariantCulture, $"step {Step,6}/{steps}: {training}{split} {TestAccuracy:0.0 %}{box}{speed}");
    }
}
