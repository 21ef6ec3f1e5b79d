using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// A function of every element, with up to two parameters: <c>y = f(x)</c>; backward <c>dx = f'(x) * dy</c>. All tensors have one
/// shape. A NaN stays one, so that it is noticed; at a kink the derivative is that of the flat side.
/// </summary>
public static class Unary
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(UnaryFunction f, Tensor x, Tensor y, float alpha = 0, float beta = 0)
    {
        y.Expect(x.Shape);
        if (HostUnary.TryForward(f, x, y, alpha, beta))
        {
            return;
        }

        Use(f, alpha, new ForwardLaunch(x, y, alpha, beta));
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">What went in; read only if <see cref="BackwardReadsInput"/>, so it may have been overwritten by y if not.</param>
    /// <param name="y">What came out; read only if not <see cref="BackwardReadsInput"/>.</param>
    /// <param name="dy">Gradient of y.</param>
    /// <param name="dx">Gradient of x.</param>
    /// <param name="alpha">First parameter, as it was in the forward pass.</param>
    /// <param name="beta">Second parameter.</param>
    public static void Backward(UnaryFunction f, Tensor x, Tensor y, Tensor dy, Tensor dx, float alpha = 0, float beta = 0)
    {
        x.Expect(y.Shape);
        dy.Expect(y.Shape);
        dx.Expect(y.Shape);
        Tensor known = BackwardReadsInput(f) ? x : y;
        if (HostUnary.TryBackward(f, known, dy, dx, alpha, beta))
        {
            return;
        }

        Use(f, alpha, new BackwardLaunch(known, dy, dx, alpha, beta));
    }

    /// <summary>Whether the derivative is computed from the input; if not, from the result.</summary>
    public static bool BackwardReadsInput(UnaryFunction f)
    {
        bool result = false;
        Use(f, 0, new Ask(reads => result = reads));
        return result;
    }

    private static void Use<TUse>(UnaryFunction f, float alpha, TUse use)
        where TUse : struct, IUnaryUse
    {
        switch (f)
        {
            case UnaryFunction.LeakyRelu: use.With<LeakyReluFunction>(); break;
            case UnaryFunction.Elu: use.With<EluFunction>(); break;
            case UnaryFunction.Clip: use.With<ClipFunction>(); break;
            case UnaryFunction.Sigmoid: use.With<SigmoidFunction>(); break;
            case UnaryFunction.HardSigmoid: use.With<HardSigmoidFunction>(); break;
            case UnaryFunction.HardSwish: use.With<HardSwishFunction>(); break;
            case UnaryFunction.Swish: use.With<SwishFunction>(); break;
            case UnaryFunction.Mish: use.With<MishFunction>(); break;
            case UnaryFunction.Softplus: use.With<SoftplusFunction>(); break;
            case UnaryFunction.Tanh: use.With<TanhFunction>(); break;
            case UnaryFunction.Erf: use.With<ErfFunction>(); break;
            case UnaryFunction.Gelu: use.With<GeluFunction>(); break;
            case UnaryFunction.GeluTanh: use.With<GeluTanhFunction>(); break;
            case UnaryFunction.Sqrt: use.With<SqrtFunction>(); break;
            case UnaryFunction.Exp: use.With<ExpFunction>(); break;
            case UnaryFunction.Log: use.With<LogFunction>(); break;
            case UnaryFunction.Abs: use.With<AbsFunction>(); break;
            case UnaryFunction.Negate: use.With<NegateFunction>(); break;
            case UnaryFunction.Reciprocal: use.With<ReciprocalFunction>(); break;
            case UnaryFunction.Square: use.With<SquareFunction>(); break;
            case UnaryFunction.Power when alpha == 2: use.With<SquareFunction>(); break;
            case UnaryFunction.Power: use.With<PowerFunction>(); break;
            case UnaryFunction.Affine: use.With<AffineFunction>(); break;
            default: throw new ArgumentOutOfRangeException(nameof(f), f, "no such function");
        }
    }

    /// <summary>What is done with the struct that a <see cref="UnaryFunction"/> stands for.</summary>
    private interface IUnaryUse
    {
        void With<TFunction>()
            where TFunction : struct, IUnaryFunction;
    }

    private readonly struct ForwardLaunch(Tensor x, Tensor y, float alpha, float beta) : IUnaryUse
    {
        public void With<TFunction>()
            where TFunction : struct, IUnaryFunction =>
            x.Device.Launch(y.Count, new UnaryKernel<TFunction>(x.View, y.View, alpha, beta));
    }

    private readonly struct BackwardLaunch(Tensor known, Tensor dy, Tensor dx, float alpha, float beta) : IUnaryUse
    {
        public void With<TFunction>()
            where TFunction : struct, IUnaryFunction =>
            dx.Device.Launch(dx.Count, new UnaryBackwardKernel<TFunction>(known.View, dy.View, dx.View, alpha, beta));
    }

    private readonly struct Ask(Action<bool> answer) : IUnaryUse
    {
        public void With<TFunction>()
            where TFunction : struct, IUnaryFunction => answer(default(TFunction).SlopeReadsInput);
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct UnaryKernel<TFunction>(ArrayView<float> x, ArrayView<float> y, float alpha, float beta) : IKernel
    where TFunction : struct, IUnaryFunction
{
    /// <inheritdoc/>
    public void Execute(int index) => y[index] = default(TFunction).Value(x[index], alpha, beta);
}

/// <summary>One thread, one element of dx; known is x or y.</summary>
internal readonly struct UnaryBackwardKernel<TFunction>(
    ArrayView<float> known, ArrayView<float> dy, ArrayView<float> dx, float alpha, float beta) : IKernel
    where TFunction : struct, IUnaryFunction
{
    /// <inheritdoc/>
    public void Execute(int index) => dx[index] = dy[index] * default(TFunction).Slope(known[index], alpha, beta);
}
