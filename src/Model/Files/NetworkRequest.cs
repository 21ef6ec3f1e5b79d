namespace GpuCam.Model;

/// <summary>A file of a network, and what is said of it that the file does not say.</summary>
/// <param name="Path">A file (.onnx or .safetensors), or a run's folder, whose best model is taken.</param>
public sealed record NetworkRequest(string Path)
{
    /// <summary>The side of the images, for a file that leaves it open.</summary>
    public int? Size { get; init; }

    /// <summary>A name per class; null takes those beside the file or in it, else numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>How pictures become the input; null takes what lies beside the file or in it.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>How a picture meets the network's size; null leaves it to the preprocessing.</summary>
    public PictureFit? Fit { get; init; }

    /// <summary>The output that is explained, where a network has several; null takes the first.</summary>
    public string? Logits { get; init; }

    /// <summary>A classifier for a network that ends in pooled features; passed over where it has one of its own.</summary>
    public HeadFile? Head { get; init; }

    /// <summary>
    /// Finds the network that a head file is for by what the head calls it, before it is looked for at that path and beside the head;
    /// null where it is not known.
    /// </summary>
    public Func<string, BaseFile?>? FindBase { get; init; }
}
