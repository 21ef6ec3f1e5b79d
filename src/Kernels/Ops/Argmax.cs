namespace GpuCam.Kernels.Ops;

/// <summary>What the max-pooling ops share: the buffer of winners, one pixel <c>h * W + w</c> per output element.</summary>
internal static class Argmax
{
    /// <summary>Throws unless the buffer has an element for each of <paramref name="y"/>'s; it may have more.</summary>
    public static void Expect(DeviceBuffer<int> argmax, Shape y)
    {
        if (argmax.Length < y.Count)
        {
            throw new ArgumentException($"buffer 'argmax' has {argmax.Length} elements, expected {y.Count} for {y}");
        }
    }
}
