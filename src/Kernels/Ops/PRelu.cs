using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Rectifier with a learnt slope (He et al., ICCV 2015): <c>y = x &gt; 0 ? x : slope * x</c>; on every axis the slope has the extent of x,
/// or 1 and is repeated. Backward <c>dx = dy * (x &gt; 0 ? 1 : slope)</c>; dSlope is <c>dy * min(x, 0)</c>, summed over what was repeated.
/// </summary>
public static class PRelu
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor slope, Tensor y)
    {
        y.Expect(x.Shape);
        BroadcastLoops.Expect(slope, x.Shape);
        BroadcastLoops loops = Loops(x, slope);
        if (!HostPRelu.TryForward(x, slope, y, loops))
        {
            x.Device.Launch(y.Count, new PReluKernel(x.View, slope.View, x.View, y.View, loops));
        }
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>.</summary>
    public static void BackwardData(Tensor x, Tensor slope, Tensor dy, Tensor dx)
    {
        dy.Expect(x.Shape);
        dx.Expect(x.Shape);
        BroadcastLoops.Expect(slope, x.Shape);
        BroadcastLoops loops = Loops(x, slope);
        if (!HostPRelu.TryBackwardData(x, slope, dy, dx, loops))
        {
            x.Device.Launch(dx.Count, new PReluKernel(x.View, slope.View, dy.View, dx.View, loops));
        }
    }

    /// <summary>Writes <paramref name="dSlope"/>, of the slope's shape.</summary>
    public static void BackwardSlope(Tensor x, Tensor dy, Tensor dSlope)
    {
        dy.Expect(x.Shape);
        BroadcastLoops.Expect(dSlope, x.Shape);
        BroadcastLoops loops = Loops(x, dSlope);
        if (!HostPRelu.TryBackwardSlope(x, dy, dSlope, loops))
        {
            x.Device.Launch(dSlope.Count, new PReluBackwardSlopeKernel(x.View, dy.View, dSlope.View, loops));
        }
    }

    private static BroadcastLoops Loops(Tensor x, Tensor slope) => new(x.Shape, x.Shape, slope.Shape);
}

/// <summary>One thread, one element of target: that of source as it is where x is positive, else times the slope.</summary>
internal readonly struct PReluKernel(
    ArrayView<float> x, ArrayView<float> slope, ArrayView<float> source, ArrayView<float> target, BroadcastLoops loops) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => target[index] = x[index] > 0 ? source[index] : source[index] * slope[loops.B(index)];
}

/// <summary>One thread, one element of dSlope.</summary>
internal readonly struct PReluBackwardSlopeKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dSlope, BroadcastLoops loops) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var places = new BroadcastSum(loops, loops.StepB, index);
        float total = 0;
        for (int n = 0; n < places.N; n++)
        {
            for (int h = 0; h < places.H; h++)
            {
                float ofH = 0;
                for (int w = 0; w < places.W; w++)
                {
                    int at = places.Y + (n * places.StepN) + (h * places.StepH) + (w * places.StepW);
                    for (int c = at; c < at + places.C; c++)
                    {
                        ofH += x[c] > 0 ? 0 : dy[c] * x[c];
                    }
                }

                total += ofH;
            }
        }

        dSlope[index] = total;
    }
}
