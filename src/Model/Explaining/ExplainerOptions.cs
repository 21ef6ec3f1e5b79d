using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Where an <see cref="Explainer"/> computes, and what a model file does not say of itself.</summary>
public sealed record ExplainerOptions
{
    /// <summary>What computes; the usual one is a GPU if there is one, else the vectorised processor.</summary>
    public Backend Backend { get; init; } = Backend.Auto;

    /// <summary>Which device of that backend, from 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Threads on the processor; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>How factors are rounded; all but float32 ask for a CUDA device.</summary>
    public Precision Precision { get; init; }

    /// <summary>Pictures that run through the network at once, at least 1. Memory grows with it.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// How pictures become the network's input: <see cref="Preprocessing.Preset"/>, <see cref="PreprocessingFile.Load"/> or an object of
    /// one's own. Null takes what lies beside the model file or in it.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>How a picture meets the network's size; null leaves it to the preprocessing.</summary>
    public PictureFit? Fit { get; init; }

    /// <summary>
    /// A name per class, such as <see cref="Model.ClassNames.Load"/> reads; null takes what lies beside the model file or in it, else
    /// numbers.
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>The side of the network's images in pixels, where its file leaves it open.</summary>
    public int? Size { get; init; }

    /// <summary>The output that is explained, of a network with several; null takes the first.</summary>
    public string? Logits { get; init; }

    /// <summary>
    /// The network that a head file was trained on, where it lies neither at the path that the head says nor beside the head.
    /// </summary>
    public string? BaseNetwork { get; init; }

    /// <summary>The same as a loader takes it.</summary>
    internal NetworkRequest Request(string path) => new(path)
    {
        Size = Size,
        ClassNames = ClassNames,
        Preprocessing = Preprocessing,
        Fit = Fit,
        Logits = Logits,
        FindBase = BaseNetwork is { } network ? _ => BaseFile.Of(network) : null,
    };
}
