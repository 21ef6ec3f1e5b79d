namespace GpuCam.CudaTests.Machine;

/// <summary>The extents of a grid in groups, or of a group in threads; x runs fastest.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>How many there are in all.</summary>
    public long Count => (long)X * Y * Z;
}
