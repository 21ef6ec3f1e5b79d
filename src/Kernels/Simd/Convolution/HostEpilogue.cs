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
    /// <summary>Whether this knows a function; the others are a step of their own.</summary>
    public static bool Knows(Activation activation) => activation.IsRelu || activation.Function is null or UnaryFunction.Clip
        or UnaryFunction.HardSwish or UnaryFunction.Swish or UnaryFunction.Sigmoid or UnaryFunction.HardSigmoid
        or UnaryFunction.LeakyRelu or UnaryFunction.Gelu;

    /// <summary>The same for the channels from <paramref name="channel"/> on.</summary>
    public HostEpilogue From(int channel) =>
        new(bias == null ? null : bias + channel, residual == null ? null : residual + channel, residualStep, activation);

    /// <summary>Stores rows of sums.</summary>
    /// <param name="sums">[rows, made], one row per pixel.</param>
    /// <param name="made">Floats from row to row.</param>
    /// <param name="rows">Pixels.</param>
    /// <param name="used">Channels of a row that exist.</param>
    /// <param name="channel">The first of them.</param>
    /// <param name="pixels">Numbers of the pixels in residual and result.</param>
    /// <param name="y">The result's first pixel, first channel.</param>
    /// <param name="step">Floats from pixel to pixel of the result.</param>
    public void Store<TV>(float* sums, int made, int rows, int used, int channel, long* pixels, float* y, long step)
        where TV : unmanaged, IVector<TV>
    {
        if (activation.IsRelu)
        {
            Store<TV, VectorRelu>(sums, made, rows, used, channel, pixels, y, step);
            return;
        }

        switch (activation.Function)
        {
            case null: Store<TV, VectorNothing>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.Clip: Store<TV, VectorClip>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.HardSwish: Store<TV, VectorHardSwish>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.Swish: Store<TV, VectorSwish>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.Sigmoid: Store<TV, VectorSigmoid>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.HardSigmoid: Store<TV, VectorHardSigmoid>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.LeakyRelu: Store<TV, VectorLeakyRelu>(sums, made, rows, used, channel, pixels, y, step); break;
            case UnaryFunction.Gelu: Store<TV, VectorGelu>(sums, made, rows, used, channel, pixels, y, step); break;
            default: throw new InvalidOperationException($"{activation} is a step of its own");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store<TV, TFunction>(float* sums, int made, int rows, int used, int channel, long* pixels, float* y, long step)
        where TV : unmanaged, IVector<TV>
        where TFunction : struct, IVectorUnary
    {
        TV alpha = TV.Broadcast(activation.Alpha), beta = TV.Broadcast(activation.Beta);
        float* offset = bias == null ? null : bias + channel;
        for (int r = 0; r < rows; r++, sums += made)
        {
            float* target = y + (pixels[r] * step) + channel;
            float* other = residual == null ? null : residual + (pixels[r] * residualStep) + channel;
            int c = 0;
            for (; c <= used - TV.Lanes; c += TV.Lanes)
            {
                TV sum = TV.Load(sums + c);
                sum = offset == null ? sum : sum + TV.Load(offset + c);
                sum = other == null ? sum : sum + TV.Load(other + c);
                TV.Store(default(TFunction).Value(sum, alpha, beta), target + c);
            }

            if (c < used)
            {
                TV sum = TV.Load(sums + c);
                sum = offset == null ? sum : sum + Partial.Load<TV>(offset + c, used - c);
                sum = other == null ? sum : sum + Partial.Load<TV>(other + c, used - c);
                Partial.Store(default(TFunction).Value(sum, alpha, beta), target + c, used - c);
            }
        }
    }

    private readonly struct VectorNothing : IVectorUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Value<TV>(TV x, TV alpha, TV beta)
            where TV : unmanaged, IVector<TV> => x;

        public TV Slope<TV>(TV known, TV alpha, TV beta)
            where TV : unmanaged, IVector<TV> => TV.Broadcast(1);
    }

    private readonly struct VectorRelu : IVectorUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Value<TV>(TV x, TV alpha, TV beta)
            where TV : unmanaged, IVector<TV> => TV.Max(default, x);

        public TV Slope<TV>(TV known, TV alpha, TV beta)
            where TV : unmanaged, IVector<TV> => TV.SelectGreater(known, default, TV.Broadcast(1), default);
    }
}
