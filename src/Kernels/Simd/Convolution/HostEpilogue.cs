using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// What happens to the sums of a convolution on their way from registers to memory:
/// <c>y[pixel, c] = f(sum[c] + bias[c] + residual[pixel, c])</c>.
/// </summary>
/// <param name="bias">A vector of all channels, or null.</param>
/// <param name="residual">Lies as the result does, its pixels <paramref name="residualStep"/> apart; or null.</param>
/// <param name="residualStep">Floats from pixel to pixel of the residual.</param>
/// <param name="activation">f.</param>
internal readonly unsafe struct HostEpilogue(float* bias, float* residual, long residualStep, Activation activation)
{
    /// <summary>Whether there is a residual.</summary>
    public bool HasResidual => residual != null;

    /// <summary>Whether f is no more than limits, as a register tile can do it.</summary>
    public bool IsClip => activation.IsRelu || activation.Function is null or UnaryFunction.Clip;

    /// <summary>The limits, where <see cref="IsClip"/>.</summary>
    public (float Low, float High) Limits => activation.IsRelu ? (0, float.PositiveInfinity)
        : activation.Function is null ? (float.NegativeInfinity, float.PositiveInfinity)
        : (activation.Alpha, activation.Beta);

    /// <summary>Writes the bias of some channels, zeros where there are none.</summary>
    public void CopyBias(int channel, int used, Span<float> target)
    {
        target.Clear();
        if (bias != null)
        {
            new ReadOnlySpan<float>(bias + channel, used).CopyTo(target);
        }
    }

    /// <summary>Writes where the residuals of a tile's pixels lie, from a channel on.</summary>
    public void Locate(long* pixels, int channel, float** rows) =>
        GatherConv.Locate(residual, residualStep, pixels, channel, rows);

    /// <summary>The same for the channels from <paramref name="channel"/> on.</summary>
    public HostEpilogue From(int channel) =>
        new(bias == null ? null : bias + channel, residual == null ? null : residual + channel, residualStep, activation);

    /// <summary>Stores rows of sums.</summary>
    /// <param name="sums">[rows, made], one row per pixel.</param>
    /// <param name="made">Floats from row to row.</param>
    /// <param name="rows">Pixels.</param>
    /// <param name="used">Channels of a row that exist.</param>
    /// <param name="channel">The first of them.</param>
    /// <param name="pixels">Numbers of the pixels in residual and result; null where they lie side by side.</param>
    /// <param name="y">The result's first pixel, first channel.</param>
    /// <param name="step">Floats from pixel to pixel of the result.</param>
    public void Store<TV>(float* sums, int made, int rows, int used, int channel, long* pixels, float* y, long step)
        where TV : unmanaged, IVector<TV> =>
        HostUnary.Use(activation, new Rows<TV>(From(channel), sums, made, rows, used, pixels, y + channel, step));

    private readonly struct Rows<TV>(
        HostEpilogue epilogue, float* sums, int made, int rows, int used, long* pixels, float* y, long step) : IVectorUnaryUse
        where TV : unmanaged, IVector<TV>
    {
        public bool With<TFunction>()
            where TFunction : struct, IVectorUnary
        {
            epilogue.Store<TV, TFunction>(sums, made, rows, used, pixels, y, step);
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store<TV, TFunction>(float* sums, int made, int rows, int used, long* pixels, float* y, long step)
        where TV : unmanaged, IVector<TV>
        where TFunction : struct, IVectorUnary
    {
        TV alpha = TV.Broadcast(activation.Alpha), beta = TV.Broadcast(activation.Beta);
        float* offset = bias;

        // Zeros are added where there is no bias, as a register tile does that writes its sums itself: minus zero is the same to both.
        for (int r = 0; r < rows; r++, sums += made)
        {
            long pixel = pixels == null ? r : pixels[r];
            float* target = y + (pixel * step), other = residual == null ? null : residual + (pixel * residualStep);
            int c = 0;
            for (; c <= used - TV.Lanes; c += TV.Lanes)
            {
                TV sum = TV.Load(sums + c);
                sum += offset == null ? default : TV.Load(offset + c);
                sum = other == null ? sum : sum + TV.Load(other + c);
                TV.Store(default(TFunction).Value(sum, alpha, beta), target + c);
            }

            if (c < used)
            {
                TV sum = TV.Load(sums + c);
                sum += offset == null ? default : Partial.Load<TV>(offset + c, used - c);
                sum = other == null ? sum : sum + Partial.Load<TV>(other + c, used - c);
                Partial.Store(default(TFunction).Value(sum, alpha, beta), target + c, used - c);
            }
        }
    }
}
