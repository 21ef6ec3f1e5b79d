namespace GpuCam.Kernels.Ops;

/// <summary>Four neighbouring channels as one word of 128 bits: a quarter of the loads, stores and threads.</summary>
internal static class Quads
{
    /// <summary>Whether channels come in fours and these tensors begin on a word.</summary>
    public static bool Fit(int channels, params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            if (tensor.Offset % Float4.Count != 0)
            {
                return false;
            }
        }

        return channels % Float4.Count == 0;
    }
}

/// <summary>Four neighbouring integers, as <see cref="Float4"/> is four floats.</summary>
internal readonly struct Int4(int i0, int i1, int i2, int i3)
{
    public readonly int I0 = i0, I1 = i1, I2 = i2, I3 = i3;
}
