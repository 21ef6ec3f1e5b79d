using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>Named starting points for <see cref="TrainSettings"/>.</summary>
internal static class Presets
{
    /// <summary>The names that <c>--preset</c> takes.</summary>
    public static readonly string[] Names = ["quick", "reference", "original", "scratch", "fine-tune"];

    /// <summary>The preset where none is named.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="init">What it begins with; null for random weights.</param>
    public static string Usual(string architecture, string? init) =>
        init is not null ? "fine-tune" : architecture == LeNetGap.Architecture ? "quick" : "scratch";

    /// <summary>The settings of preset <paramref name="name"/>.</summary>
    public static TrainSettings Get(string name) => name switch
    {
        // The reference's network in a minute: a look at a run, and 97 %.
        "quick" => new TrainSettings
        {
            Preset = name,
            Steps = 4000,
            Canvas = "50:0.9,100:0.1",
            LearningRate = 0.02f,
            Every = 500,
            EvalImages = 500,
            FinalEvalImages = 10_000,
            Heatmaps = 10,
        },

        // The reference's network with the recipe of docs/training.md.
        "reference" => new TrainSettings
        {
            Preset = name,
            Steps = 16_000,
            Canvas = "40:0.6,60:0.2,100:0.2",
            Every = 800,
            EvalImages = 1000,
            FinalEvalImages = 30_000,
            Heatmaps = 50,
        },

        // The reference's network and its own recipe: SGD 0.5, batch 256, 70,000 fixed samples over and over, 365 epochs.
        "original" => new TrainSettings
        {
            Preset = name,
            Channels = 3,
            Protocol = "seed",
            Epoch = 70_000,
            Batch = 256,
            Steps = 99_900,
            Optimizer = "sgd",
            LearningRate = 0.5f,
            Schedule = "constant",
            WarmUp = 0,
            PoolingGain = 1,
            Every = 100,
            EvalImages = 1000,
            FinalEvalImages = 30_000,
            Heatmaps = 50,
            Resize = "legacy",
        },
        // A network with random weights, on pictures.
        "scratch" => Pictures(name) with { Epochs = 30, LearningRate = 1e-3f },

        // One that has learnt from other pictures: small steps, larger ones for the layer that is new.
        "fine-tune" => Pictures(name) with { Epochs = 10, LearningRate = 1e-4f, HeadRate = 10 },
        _ => throw new GpuCamException($"--preset {name} is not known; choose one of {string.Join(", ", Names)}"),
    };

    private static TrainSettings Pictures(string name) => new()
    {
        Preset = name,
        Channels = 3,
        Size = Preprocessing.UsualSide,
        Canvas = FormattableString.Invariant($"{Preprocessing.UsualSide}:1"),
        Batch = 32,
        WarmUp = 0.05,
        PoolingGain = 1,
        Augmentation = "standard",
        Every = 0,
        FinalEvalImages = 1_000_000,
    };
}
