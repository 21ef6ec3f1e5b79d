namespace GpuCam.Runner.Training;

/// <summary>Named starting points for <see cref="TrainSettings"/>.</summary>
internal static class Presets
{
    /// <summary>The names that <c>--preset</c> takes.</summary>
    public static readonly string[] Names = ["quick", "reference", "original"];

    /// <summary>The settings of preset <paramref name="name"/>.</summary>
    public static TrainSettings Get(string name) => name switch
    {
        // Minutes on two cores: small canvas, narrow network.
        "quick" => new TrainSettings
        {
            Preset = name,
            Size = 48,
            Widths = [16, 32],
            Distractors = 8,
            Steps = 1600,
            Canvas = "32:0.6,48:0.4",
            Batch = 64,
            Every = 200,
            EvalImages = 500,
            FinalEvalImages = 2000,
            Heatmaps = 10,
        },

        // The reference's network with the recipe of docs/training.md.
        "reference" => new TrainSettings
        {
            Preset = name,
            Steps = 8000,
            Canvas = "40:0.75,60:0.15,100:0.1",
            Every = 500,
            EvalImages = 1000,
            FinalEvalImages = 10000,
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
        _ => throw new GpuCamException($"--preset {name} is not known; choose one of {string.Join(", ", Names)}"),
    };
}
