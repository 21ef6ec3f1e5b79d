using System.Globalization;

namespace GpuCam.Runner.Training;

/// <summary>
/// A line of the <c>metrics.jsonl</c> of a run that trains a head alone: a penalty that was tried, or, the last, the head that was kept.
/// A pure function of the settings and of the features.
/// </summary>
internal sealed record HeadEntry
{
    /// <summary>Counts the fits, from 1 on.</summary>
    public required int Step { get; init; }

    /// <summary>Training pictures.</summary>
    public required int Images { get; init; }

    /// <summary>The L2 penalty λ.</summary>
    public required double Penalty { get; init; }

    /// <summary>Steps of L-BFGS.</summary>
    public required int Iterations { get; init; }

    /// <summary>Mean loss of the pictures that the head was fitted on, without the penalty.</summary>
    public required double TrainLoss { get; init; }

    public required double TrainAccuracy { get; init; }

    /// <summary>Of the pictures that the penalty is chosen by; absent in the last line.</summary>
    public double? ValidationLoss { get; init; }

    public double? ValidationAccuracy { get; init; }

    /// <summary>Mean of the classes' accuracies: what the penalty is chosen by.</summary>
    public double? ValidationClassAccuracy { get; init; }

    /// <summary>In the last line only.</summary>
    public int? TestImages { get; init; }

    public double? TestLoss { get; init; }

    public double? TestAccuracy { get; init; }

    /// <summary>Mean of the classes' accuracies.</summary>
    public double? TestClassAccuracy { get; init; }

    /// <summary>Test accuracy of a head on the same network with random weights, where it was asked for.</summary>
    public double? UntrainedAccuracy { get; init; }

    /// <summary>Mean of the classes' accuracies with it.</summary>
    public double? UntrainedClassAccuracy { get; init; }

    /// <summary>The entry for people.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"penalty {Penalty:0.#e+0}: {Iterations} steps, loss "
        + $"{TrainLoss:0.000}, train {TrainAccuracy:0.0 %}")
        + Share(", validation", ValidationClassAccuracy) + Share(", test", TestClassAccuracy)
        + ((ValidationClassAccuracy ?? TestClassAccuracy) is null ? "" : " mean per class");

    private static string Share(string name, double? share) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.0 %}") : "";
}
