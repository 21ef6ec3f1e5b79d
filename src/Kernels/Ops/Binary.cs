using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// A function of two tensors element by element, <c>y = f(a, b)</c>; on every axis an operand has y's extent, or 1 and is repeated.
/// The gradient of an operand is <c>dy</c> times the derivative, summed over the axes on which it was repeated, in the order of y. Where
/// a maximum or minimum is a tie the gradient goes to a.
/// </summary>
public static class Binary
{
    /// <summary>Writes <paramref name="y"/>, which may be an operand of its shape.</summary>
    public static void Forward(BinaryFunction f, Tensor a, Tensor b, Tensor y)
    {
        BroadcastLoops.Expect(a, y.Shape);
        BroadcastLoops.Expect(b, y.Shape);
        var loops = new BroadcastLoops(y.Shape, a.Shape, b.Shape);
        if (!HostBinary.TryForward(f, a, b, y, loops))
        {
            Use(f, new ForwardLaunch(a, b, y, loops));
        }
    }

    /// <summary>Writes the gradient of one operand.</summary>
    /// <param name="f">The function.</param>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="y">What the forward pass gave.</param>
    /// <param name="dy">Gradient of y; of its shape.</param>
    /// <param name="gradient">Gradient of the operand, of its shape; it may be <paramref name="dy"/> where the shapes agree.</param>
    /// <param name="which">Which operand: 0 for a, 1 for b.</param>
    public static void Backward(BinaryFunction f, Tensor a, Tensor b, Tensor y, Tensor dy, Tensor gradient, int which)
    {
        BroadcastLoops.Expect(a, y.Shape);
        BroadcastLoops.Expect(b, y.Shape);
        dy.Expect(y.Shape);
        gradient.Expect(which == 0 ? a.Shape : b.Shape);
        var loops = new BroadcastLoops(y.Shape, a.Shape, b.Shape);
        if (!HostBinary.TryBackward(f, a, b, y, dy, gradient, which, loops))
        {
            Use(f, new BackwardLaunch(a, b, y, dy, gradient, which, loops));
        }
    }

    private static void Use<TUse>(BinaryFunction f, TUse use)
        where TUse : struct, IBinaryUse
    {
        switch (f)
        {
            case BinaryFunction.Add: use.With<AddFunction>(); break;
            case BinaryFunction.Subtract: use.With<SubtractFunction>(); break;
            case BinaryFunction.Multiply: use.With<MultiplyFunction>(); break;
            case BinaryFunction.Divide: use.With<DivideFunction>(); break;
            case BinaryFunction.Maximum: use.With<MaximumFunction>(); break;
            case BinaryFunction.Minimum: use.With<MinimumFunction>(); break;
            case BinaryFunction.Power: use.With<PowerOfFunction>(); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, "no such function");
        }
    }

    /// <summary>What is done with the struct that a <see cref="BinaryFunction"/> stands for.</summary>
    private interface IBinaryUse
    {
        void With<TFunction>()
            where TFunction : struct, IBinaryFunction;
    }

    private readonly struct ForwardLaunch(Tensor a, Tensor b, Tensor y, BroadcastLoops loops) : IBinaryUse
    {
        public void With<TFunction>()
            where TFunction : struct, IBinaryFunction =>
            y.Device.Launch(y.Count, new BinaryKernel<TFunction>(a.View, b.View, y.View, loops));
    }

    private readonly struct BackwardLaunch(
        Tensor a, Tensor b, Tensor y, Tensor dy, Tensor gradient, int which, BroadcastLoops loops) : IBinaryUse
    {
        public void With<TFunction>()
            where TFunction : struct, IBinaryFunction =>
            y.Device.Launch(gradient.Count, new BinaryBackwardKernel<TFunction>(
                a.View, b.View, y.View, dy.View, gradient.View, loops, which));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct BinaryKernel<TFunction>(
    ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, BroadcastLoops loops) : IKernel
    where TFunction : struct, IBinaryFunction
{
    /// <inheritdoc/>
    public void Execute(int index) => y[index] = default(TFunction).Value(a[loops.A(index)], b[loops.B(index)]);
}

/// <summary>
/// One thread, one element of the gradient of the operand that <c>which</c> names; sums axis by axis, because short sums round less than
/// one long sum.
/// </summary>
internal readonly struct BinaryBackwardKernel<TFunction>(
    ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> gradient, BroadcastLoops loops,
    int which) : IKernel
    where TFunction : struct, IBinaryFunction
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var sum = new BroadcastSum(loops, which == 0 ? loops.StepA : loops.StepB, index);
        float total = 0;
        for (int n = 0; n < sum.N; n++)
        {
            float ofN = 0;
            for (int h = 0; h < sum.H; h++)
            {
                float ofH = 0;
                for (int w = 0; w < sum.W; w++)
                {
                    ofH += Row(sum, n, h, w);
                }

                ofN += ofH;
            }

            total += ofN;
        }

        gradient[index] = total;
    }

    private float Row(BroadcastSum sum, int n, int h, int w)
    {
        int at = sum.Y + (n * sum.StepN) + (h * sum.StepH) + (w * sum.StepW);
        int atA = sum.A + (n * loops.StepA.N) + (h * loops.StepA.H) + (w * loops.StepA.W);
        int atB = sum.B + (n * loops.StepB.N) + (h * loops.StepB.H) + (w * loops.StepB.W);
        float row = 0;
        for (int c = 0; c < sum.C; c++, at++, atA += loops.StepA.C, atB += loops.StepB.C)
        {
            float slope = which == 0
                ? default(TFunction).SlopeA(a[atA], b[atB], y[at])
                : default(TFunction).SlopeB(a[atA], b[atB], y[at]);
            row += slope * dy[at];
        }

        return row;
    }
}
