namespace GpuCam.Model;

/// <summary>What a model does not say of itself.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>Height and width of images; null takes the file's, which some leave open.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>The side of images where neither the file nor <see cref="Size"/> says it; null refuses such a file.</summary>
    public int? UsualSide { get; init; }

    /// <summary>Whether a softmax or sigmoid at the end stays: outputs are probabilities then, where maps explain scores.</summary>
    public bool KeepsEnding { get; init; }

    /// <summary>Whether batch normalisations stay nodes of their own, with their statistics, instead of going into convolutions.</summary>
    public bool KeepsNormalizations { get; init; }

    /// <summary>Names of values to end in, the one that maps explain first; null takes the model's outputs.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>Inputs that are no images, and what stands in place of a node's outputs, by name.</summary>
    internal IReadOnlyDictionary<string, OnnxConstant> Constants { get; init; } = new Dictionary<string, OnnxConstant>();

    /// <summary>The oldest operators that are taken.</summary>
    internal int OldestOpset { get; init; } = OnnxFile.OldestOpset;
}
