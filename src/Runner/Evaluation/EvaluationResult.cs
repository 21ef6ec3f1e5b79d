using System.Text.Json.Serialization;
using GpuCam.Model;
using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Evaluation;

/// <summary>What an evaluation found.</summary>
internal sealed record EvaluationResult
{
    /// <summary>Classes that a matrix can show.</summary>
    public const int MostInMatrix = 100;

    public required int Images { get; init; }

    public required double Accuracy { get; init; }

    /// <summary>Share of images whose label was among the five largest logits; absent for few classes.</summary>
    public double? Top5Accuracy { get; init; }

    /// <summary>Mean softmax cross-entropy.</summary>
    public required double Loss { get; init; }

    /// <summary>Accuracy of each class; null for a class that no image has.</summary>
    public required IReadOnlyList<double?> ClassAccuracy { get; init; }

    /// <summary>Mean of the classes' accuracies, each class with the same weight.</summary>
    public double? MeanClassAccuracy => ClassAccuracy.Average();

    /// <summary>Images of each class; absent in evaluations of earlier versions.</summary>
    public IReadOnlyList<long>? ClassImages { get; init; }

    /// <summary>
    /// Every pair of classes that were taken for one another: true class, predicted class, count; the most frequent first. Absent in
    /// evaluations of earlier versions.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>>? Mistakes { get; init; }

    /// <summary>Row: true class. Column: predicted class. Absent for more than <see cref="MostInMatrix"/> classes.</summary>
    public required IReadOnlyList<IReadOnlyList<long>>? Confusion { get; init; }

    /// <summary>
    /// Speed of everything together: samples, network, maps and metrics, and choosing thresholds if that was asked for; null in a run's
    /// own file.
    /// </summary>
    public required double? ImagesPerSecond { get; init; }

    /// <summary>How the device rounded factors; absent in evaluations of earlier versions, which computed in fp32.</summary>
    public string? Precision { get; init; }

    /// <summary>How maps were resized to the images.</summary>
    public string? Resize { get; init; }

    /// <summary>By whose rules boxes and pixels come from maps; absent for those of the papers.</summary>
    public string? Rules { get; init; }

    /// <summary>What maps were made with; this and <see cref="Resize"/> are absent in evaluations of earlier versions.</summary>
    public MapSettings? Settings { get; init; }

    /// <summary>Figures of the maps, in the plan's order.</summary>
    public required IReadOnlyList<MapResult> Maps { get; init; }

    /// <summary>Localisation by the first maps; null where the samples have no boxes.</summary>
    [JsonIgnore]
    public LocalisationResult? Localisation => Maps.Count > 0 ? Maps[0].Localisation : null;
}

/// <summary>Figures of one method at one layer.</summary>
internal sealed record MapResult
{
    public required string Method { get; init; }

    /// <summary>Layer, or several joined by +; a dash where it does not matter.</summary>
    public required string Layer { get; init; }

    /// <summary><c>trained</c>, or <c>random</c> for maps of a network with random weights.</summary>
    public required string Weights { get; init; }

    /// <summary>Images with a box that the thresholds were chosen on; absent when none were.</summary>
    public long? ValidationImages { get; init; }

    /// <summary>Absent where the samples have no boxes.</summary>
    public LocalisationResult? Localisation { get; init; }

    public FaithfulnessResult? Faithfulness { get; init; }
}
