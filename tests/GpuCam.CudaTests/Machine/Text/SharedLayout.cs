namespace GpuCam.CudaTests.Machine.Text;

/// <summary>
/// Where the arrays in shared memory lie: not side by side as on a card, but with a gap between, so that an index that leaves its array
/// meets nothing. No array lies at address 0.
/// </summary>
internal sealed class SharedLayout
{
    /// <summary>Bytes before the first array and between any two.</summary>
    public const int Gap = 1024;

    private readonly List<(int Start, int Bytes)> _arrays = [];
    private int _end = Gap;

    /// <summary>Bytes of the arrays as they lie on a card.</summary>
    public int StaticBytes { get; private set; }

    /// <summary>Where the dynamic memory begins.</summary>
    public int DynamicStart => Align(_end, 1024);

    /// <summary>Adds an array and returns where it lies.</summary>
    public int Add(int bytes, int alignment)
    {
        int start = Align(_end, Math.Max(alignment, 16));
        _arrays.Add((start, bytes));
        _end = start + bytes + Gap;
        StaticBytes = Align(StaticBytes, alignment) + bytes;
        return start;
    }

    /// <summary>The arrays of a launch, the dynamic one last.</summary>
    public (int Start, int Bytes)[] Arrays(int dynamicBytes) =>
        dynamicBytes == 0 ? [.. _arrays] : [.. _arrays, (DynamicStart, dynamicBytes)];

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
