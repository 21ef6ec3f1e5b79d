namespace GpuCam.Kernels.Simd;

/// <summary>Memory that a thread keeps for its next call, so that an op neither allocates nor touches fresh pages each time.</summary>
internal static unsafe class Scratch
{
    private const int Slots = 8;

    [ThreadStatic]
    private static AlignedBuffer<float>?[]? s_buffers;

    /// <summary>At least <paramref name="count"/> floats with unspecified contents. A slot serves one purpose at a time.</summary>
    public static float* Get(int slot, long count)
    {
        s_buffers ??= new AlignedBuffer<float>?[Slots + 1];
        if (s_buffers[slot] is not { } buffer || buffer.Length < count)
        {
            s_buffers[slot]?.Dispose();
            s_buffers[slot] = buffer = new AlignedBuffer<float>(count);
        }

        return buffer.Start;
    }

    /// <summary>At least <paramref name="count"/> zeros, which nobody may write.</summary>
    public static float* Zeros(long count) => Get(Slots, count);
}
