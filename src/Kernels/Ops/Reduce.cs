using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>The reductions of <see cref="Reduce"/>.</summary>
public enum ReduceFunction
{
    /// <summary>Sum divided by the number of elements.</summary>
    Mean,

    /// <summary>Sum.</summary>
    Sum,

    /// <summary>Largest; NaN if one of them is.</summary>
    Maximum,

    /// <summary>Smallest; NaN if one of them is.</summary>
    Minimum,

    /// <summary>Sum of absolute values.</summary>
    L1,

    /// <summary>Square root of the sum of squares.</summary>
    L2,
}

/// <summary>
/// Takes all elements along some axes together: those on which y has extent 1 and x has more. Backward: a mean gives every element its
/// share of dy, a sum all of it; of a maximum or minimum those that are it share dy evenly; L1 gives dy times the sign, L2
/// <c>dy * x / y</c>, zero where y is.
/// </summary>
public static class Reduce
{
    /// <summary>Writes <paramref name="y"/>; sums run axis by axis in the order of x.</summary>
    public static void Forward(ReduceFunction f, Tensor x, Tensor y)
    {
        BroadcastLoops.Expect(y, x.Shape);
        var loops = new BroadcastLoops(x.Shape, y.Shape, x.Shape);
        float scale = f == ReduceFunction.Mean ? (float)y.Count / x.Count : 1;
        if (HostReduce.TryForward(f, x, y, loops, scale))
        {
            return;
        }

        IDevice device = x.Device;
        switch (f)
        {
            case ReduceFunction.Mean or ReduceFunction.Sum:
                device.Launch(y.Count, new ReduceKernel<SumOf>(x.View, y.View, loops, scale));
                break;
            case ReduceFunction.Maximum:
                device.Launch(y.Count, new ReduceKernel<LargestOf>(x.View, y.View, loops, scale));
                break;
            case ReduceFunction.Minimum:
                device.Launch(y.Count, new ReduceKernel<SmallestOf>(x.View, y.View, loops, scale));
                break;
            case ReduceFunction.L1:
                device.Launch(y.Count, new ReduceKernel<AbsoluteSumOf>(x.View, y.View, loops, scale));
                break;
            default:
                device.Launch(y.Count, new ReduceKernel<RootOfSquaresOf>(x.View, y.View, loops, scale));
                break;
        }
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="x"/> unless f is a maximum or minimum.</summary>
    public static void Backward(ReduceFunction f, Tensor x, Tensor y, Tensor dy, Tensor dx)
    {
        BroadcastLoops.Expect(y, x.Shape);
        dy.Expect(y.Shape);
        dx.Expect(x.Shape);
        var loops = new BroadcastLoops(x.Shape, y.Shape, x.Shape);
        IDevice device = x.Device;
        float scale = f == ReduceFunction.Mean ? (float)y.Count / x.Count : 1;
        if (f is ReduceFunction.Mean or ReduceFunction.Sum
            && HostBinary.TryScale(dy, scale, dx, new BroadcastLoops(dx.Shape, dy.Shape, Shape.Vector(1))))
        {
            return;
        }

        ArrayView<float> counts = y.View;
        if (f is ReduceFunction.Maximum or ReduceFunction.Minimum)
        {
            counts = device.Scratch(y.Count).View;
            device.Launch(y.Count, new ReduceTiesKernel(x.View, y.View, counts, loops));
        }

        device.Launch(dx.Count, new ReduceBackwardKernel(x.View, y.View, dy.View, counts, dx.View, loops, (int)f, scale));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ReduceKernel<TReduction>(ArrayView<float> x, ArrayView<float> y, BroadcastLoops loops, float scale) : IKernel
    where TReduction : struct, IReduction
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var places = new BroadcastSum(loops, loops.StepA, index);
        float total = default(TReduction).Start;
        for (int n = 0; n < places.N; n++)
        {
            float ofN = default(TReduction).Start;
            for (int h = 0; h < places.H; h++)
            {
                float ofH = default(TReduction).Start;
                for (int w = 0; w < places.W; w++)
                {
                    int at = places.Y + (n * places.StepN) + (h * places.StepH) + (w * places.StepW);
                    float row = default(TReduction).Start;
                    for (int c = 0; c < places.C; c++)
                    {
                        row = default(TReduction).Join(row, default(TReduction).Element(x[at + c]));
                    }

                    ofH = default(TReduction).Join(ofH, row);
                }

                ofN = default(TReduction).Join(ofN, ofH);
            }

            total = default(TReduction).Join(total, ofN);
        }

        y[index] = default(TReduction).Result(total, scale);
    }
}

/// <summary>One thread, one element of counts: how many elements of x are the one of y.</summary>
internal readonly struct ReduceTiesKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<float> counts, BroadcastLoops loops) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var places = new BroadcastSum(loops, loops.StepA, index);
        int count = 0;
        for (int n = 0; n < places.N; n++)
        {
            for (int h = 0; h < places.H; h++)
            {
                for (int w = 0; w < places.W; w++)
                {
                    int at = places.Y + (n * places.StepN) + (h * places.StepH) + (w * places.StepW);
                    for (int c = 0; c < places.C; c++)
                    {
                        count += x[at + c] == y[index] ? 1 : 0;
                    }
                }
            }
        }

        counts[index] = count;
    }
}

/// <summary>One thread, one element of dx; <c>function</c> is a <see cref="ReduceFunction"/>.</summary>
internal readonly struct ReduceBackwardKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> counts, ArrayView<float> dx, BroadcastLoops loops,
    int function, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int at = loops.A(index);
        float value = x[index], result = y[at], gradient = dy[at];
        dx[index] = function switch
        {
            (int)ReduceFunction.Mean or (int)ReduceFunction.Sum => gradient * scale,
            (int)ReduceFunction.L1 => value > 0 ? gradient : value < 0 ? -gradient : 0,
            (int)ReduceFunction.L2 => result > 0 ? gradient * value / result : 0,
            _ => value == result ? gradient / counts[at] : 0,
        };
    }
}
