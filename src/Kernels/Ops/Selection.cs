namespace GpuCam.Kernels.Ops;

/// <summary>What the ops on selected images share: the buffers of indices.</summary>
internal static class Selection
{
    /// <summary>Throws unless the buffer has at least <paramref name="count"/> elements.</summary>
    public static void Expect(DeviceBuffer<int> indices, int count, string name)
    {
        if (indices.Length < count)
            throw new ArgumentException($"buffer '{name}' holds {indices.Length} elements, expected {count}");
    }
}
