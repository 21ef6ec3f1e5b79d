namespace GpuCam.Model;

/// <summary>A tensor in a file: C order, float32 whatever the file's type was.</summary>
/// <param name="Name">Unique in its file.</param>
/// <param name="Shape">Extents, slowest first; empty for a single number.</param>
/// <param name="Values">As many as the extents' product.</param>
public sealed record SafetensorsTensor(string Name, IReadOnlyList<long> Shape, float[] Values)
{
    /// <summary>As many as the extents' product.</summary>
    /// <exception cref="GpuCamException">
    /// The file's numbers cannot be had as float32; the message names the tensor and the cure.
    /// </exception>
    public float[] Values { get => Obstacle is null ? field : throw new GpuCamException(Obstacle); init; } = Values;

    /// <summary>The number format in the file, by the name it has there.</summary>
    public string Type { get; init; } = "F32";

    /// <summary>Whether the file holds integers or booleans: counters and indices, never weights.</summary>
    public bool HoldsIntegers => SafetensorsType.Find(Type) is { IsInteger: true };

    /// <summary>Why there are no <see cref="Values"/>; null if there are.</summary>
    internal string? Obstacle { get; init; }

    /// <summary>The extents as people write them: <c>[64, 32, 5, 5]</c>.</summary>
    public string ShapeText => Describe(Shape);

    internal static string Describe(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}

/// <summary>All of a safetensors file.</summary>
/// <param name="Name">What errors call the file.</param>
/// <param name="Metadata">The entries of <c>__metadata__</c>; empty if there is none.</param>
/// <param name="Tensors">In the order of their bytes.</param>
public sealed record SafetensorsFile(string Name, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<SafetensorsTensor> Tensors)
{
    /// <summary>The tensor of this name, or null.</summary>
    public SafetensorsTensor? Find(string name) => Tensors.FirstOrDefault(tensor => tensor.Name == name);
}
