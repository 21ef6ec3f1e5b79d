using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>
/// Everything that decides what a training run computes. Two runs with equal settings on the same backend and thread
/// count produce the same bits. Stored in <c>run.json</c>; a resumed run reads it from there.
/// </summary>
public sealed record TrainSettings
{
    /// <summary>The value of <see cref="Freeze"/> that leaves all layers as they are but the last.</summary>
    public const string Features = "features";

    /// <summary>Name of the preset the other values started from.</summary>
    public required string Preset { get; init; }

    /// <summary>Side of the final canvas in pixels; test images always have it.</summary>
    public int Size { get; init; } = 100;

    /// <summary>Input channels: 1 (grey) or 3 (grey copied three times, as the TensorFlow original has it).</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Output channels of conv1 and conv2.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64];

    /// <summary>How feature maps become features: <c>average</c>, or <c>max</c> for comparison.</summary>
    public string Pooling { get; init; } = "average";

    /// <summary>Max-pools: 2, or 1 for feature maps of twice the resolution.</summary>
    public int Pools { get; init; } = 2;

    /// <summary>Whether the classifier has a bias; the reference has none.</summary>
    public bool ClassifierBias { get; init; }

    /// <summary>The network: one of <see cref="Architectures.Names"/>.</summary>
    public string Architecture { get; init; } = LeNetGap.Architecture;

    /// <summary>Factor on the learning rate of the last layer.</summary>
    public float HeadRate { get; init; } = 1;

    /// <summary>Folder of pictures, or null for generated samples.</summary>
    public string? Data { get; init; }

    /// <summary>A table of labels for <see cref="Data"/>; null where its layout tells them.</summary>
    public string? Labels { get; init; }

    /// <summary>A folder of XML files with boxes for <see cref="Data"/>; null where its layout tells them.</summary>
    public string? Boxes { get; init; }

    /// <summary>Whether pictures that cannot be read are left out.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Classes that are left out.</summary>
    public IReadOnlyList<string>? SkipClasses { get; init; }

    /// <summary>How training pictures are changed at random: <c>none</c>, <c>mirror</c>, <c>standard</c> or <c>strong</c>.</summary>
    public string Augmentation { get; init; } = "none";

    /// <summary>Passes over the training pictures of <see cref="Data"/>, which tell the steps; 0 where <see cref="Steps"/> do.</summary>
    public double Epochs { get; init; }

    /// <summary>Which way up its images are read: <c>exif</c> or <c>stored</c>.</summary>
    public string Orientation { get; init; } = "exif";

    /// <summary>Digits the samples are made of: <c>auto</c>, <c>mnist</c>, <c>fashion-mnist</c> or <c>synthetic</c>.</summary>
    public string Digits { get; init; } = "auto";

    /// <summary>Which digits test samples are made of: <c>strict</c> (test digits only) or <c>seed</c> (as the reference).</summary>
    public string Protocol { get; init; } = "strict";

    /// <summary>Fragments per 100x100 canvas.</summary>
    public int Distractors { get; init; } = 8;

    /// <summary>How strongly the digits of generated training samples are warped at random: 0 not at all, 1 as by another hand.</summary>
    public float Augment { get; init; }

    /// <summary>Seed of initial weights, samples and their order.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Training samples before they repeat; 0 means that each is new.</summary>
    public int Epoch { get; init; }

    /// <summary>Images per step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>
    /// Shards that each batch is cut into: their gradients are added in one order, whatever the ranks and threads are. 0 for none.
    /// </summary>
    public int Shards { get; init; }

    /// <summary>
    /// How gradients of shards, or of ranks, become one: <c>ordered</c> or <c>fast</c>; null for what is usual (<see cref="Reduction"/>).
    /// </summary>
    public string? Reduce { get; init; }

    /// <summary>The same, decided: in order for the reference network, and where shards are asked for.</summary>
    [JsonIgnore]
    public GradientReduction Reduction => OptionNames.Reduction.Parse(
        Reduce ?? (Shards > 0 || Architecture == LeNetGap.Architecture ? "ordered" : "fast"));

    /// <summary>How the factors of convolutions and linear layers are rounded: <c>fp32</c>, <c>tf32</c> or <c>bf16</c>.</summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>Steps in all.</summary>
    public int Steps { get; init; }

    /// <summary>
    /// The canvases to train on, one after another (see <see cref="CanvasPlan"/>), for example <c>40:0.7,60:0.2,100:0.1</c>.
    /// </summary>
    public string Canvas { get; init; } = "100:1";

    /// <summary><c>sgd</c>, <c>momentum</c> or <c>adam</c>.</summary>
    public string Optimizer { get; init; } = "adam";

    /// <summary>Highest learning rate of the schedule.</summary>
    public float LearningRate { get; init; } = 1e-2f;

    /// <summary>L2 penalty on all parameters.</summary>
    public float WeightDecay { get; init; }

    /// <summary><c>constant</c>, <c>cosine</c> or <c>one-cycle</c>.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>Share of the steps over which the learning rate rises.</summary>
    public double WarmUp { get; init; } = 0.02;

    /// <summary>
    /// Factor on the pooled features while training, folded into the classifier's weights when saved. Behind global
    /// average pooling a digit's signal is diluted by the canvas; the gain undoes it. 1 trains the plain network.
    /// </summary>
    public float PoolingGain { get; init; } = 32;

    /// <summary>Steps between evaluations; 0 for one after each pass over the training pictures of <see cref="Data"/>.</summary>
    public int Every { get; init; } = 500;

    /// <summary>Test images per evaluation.</summary>
    public int EvalImages { get; init; } = 1000;

    /// <summary>Test images of the last evaluation.</summary>
    public int FinalEvalImages { get; init; } = 1000;

    /// <summary>Test images whose heat maps are drawn at every evaluation.</summary>
    public int Heatmaps { get; init; } = 10;

    /// <summary>Whether every evaluation measures localisation in full, for <c>metrics.jsonl</c> and <c>localisation.svg</c>.</summary>
    public bool TrackLocalisation { get; init; }

    /// <summary>Newest checkpoints to keep.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>How maps are resized to the image: <c>half-pixel</c> or <c>legacy</c>.</summary>
    public string Resize { get; init; } = "half-pixel";

    /// <summary>What images are drawn on, for the display: <c>dark</c> or <c>light</c>; null where the data decide.</summary>
    public string? Background { get; init; }

    /// <summary>The same, decided: generated samples are light strokes on black; of a folder nothing is known.</summary>
    [JsonIgnore]
    public ImageBackground ShownBackground => OptionNames.Background.Parse(Background ?? (Data is null ? "dark" : "light"));

    /// <summary>
    /// The network to start from: a fetched model's name, an ONNX or safetensors file, or a run's folder; null for random weights.
    /// </summary>
    public string? Init { get; init; }

    /// <summary>
    /// A value's name, to leave all layers as they are that it is made of; <c>features</c> to fit a new last layer alone, on the features
    /// of <see cref="Init"/>; null to train all.
    /// </summary>
    public string? Freeze { get; init; }

    /// <summary>How pictures become the input; null where the network tells it.</summary>
    public string? Preprocess { get; init; }

    /// <summary>How a picture meets the input's size: null as the preprocessing has it, <c>none</c> to take pictures as they are.</summary>
    public string? Fit { get; init; }

    /// <summary>Training pictures of each class, at most, of a folder that makes no split itself; null for 70 %.</summary>
    public int? TrainPerClass { get; init; }

    /// <summary>Test pictures of each class, at most, of such a folder; null for all that are left.</summary>
    public int? TestPerClass { get; init; }

    /// <summary>Where the last layer alone is fitted: the L2 penalty on it; null chooses it on validation pictures.</summary>
    public double? Penalty { get; init; }

    /// <summary>With the same: <c>untrained</c> to measure the same network with random weights as well.</summary>
    public string? Compare { get; init; }

    /// <summary>Names the first setting in which two differ, with both values.</summary>
    internal static string FirstDifference(TrainSettings recorded, TrainSettings wanted)
    {
        JsonObject before = JsonNode.Parse(RunnerJson.Line(recorded))!.AsObject();
        JsonObject after = JsonNode.Parse(RunnerJson.Line(wanted))!.AsObject();
        string name = after.Concat(before).Select(pair => pair.Key).First(key => before[key]?.ToJsonString() != after[key]?.ToJsonString());
        return $"the run began with {name} {before[name]?.ToJsonString() ?? "unset"}, not {after[name]?.ToJsonString() ?? "unset"}";
    }
}
