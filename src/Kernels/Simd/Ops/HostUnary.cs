using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Unary"/>: those of its functions that networks apply to whole activations.</summary>
internal static unsafe class HostUnary
{
    /// <summary>What a function with an exponential costs at least, in floats read or written.</summary>
    private const int Cost = 4;

    /// <summary>Computes y if its device is a vectorised host and the function has a vectorised version.</summary>
    public static bool TryForward(UnaryFunction f, Tensor x, Tensor y, float alpha, float beta) =>
        y.Device is HostDevice { Vectorized: true } host
            && Use(f, alpha, new Forward(host, x.HostPointer, y.HostPointer, y.Count, alpha, beta));

    /// <summary>Computes dx if its device is a vectorised host and the function has a vectorised version.</summary>
    public static bool TryBackward(UnaryFunction f, Tensor known, Tensor dy, Tensor dx, float alpha, float beta) =>
        dx.Device is HostDevice { Vectorized: true } host
            && Use(f, alpha, new Backward(host, known.HostPointer, dy.HostPointer, dx.HostPointer, dx.Count, alpha, beta));

    /// <summary>Whether the function has a vectorised version.</summary>
    public static bool Knows(UnaryFunction f, float alpha) => Use(f, alpha, default(Nothing));

    /// <summary>Whether an activation has a vectorised version, as none at all has.</summary>
    public static bool Knows(Activation activation) => activation.Function is not { } function || Knows(function, activation.Alpha);

    /// <summary>Calls <paramref name="use"/> with the vectorised version of an activation.</summary>
    public static void Use<TUse>(Activation activation, TUse use)
        where TUse : struct, IVectorUnaryUse
    {
        if (activation.Function is { } function)
        {
            Use(function, activation.Alpha, use);
        }
        else if (activation.IsRelu)
        {
            use.With<VectorRectify>();
        }
        else
        {
            use.With<VectorIdentity>();
        }
    }

    private static bool Use<TUse>(UnaryFunction f, float alpha, TUse use)
        where TUse : struct, IVectorUnaryUse => f switch
        {
            UnaryFunction.LeakyRelu => use.With<VectorLeakyRelu>(),
            UnaryFunction.Elu => use.With<VectorElu>(),
            UnaryFunction.Clip => use.With<VectorClip>(),
            UnaryFunction.Sigmoid => use.With<VectorSigmoid>(),
            UnaryFunction.HardSigmoid => use.With<VectorHardSigmoid>(),
            UnaryFunction.HardSwish => use.With<VectorHardSwish>(),
            UnaryFunction.Swish => use.With<VectorSwish>(),
            UnaryFunction.Softplus => use.With<VectorSoftplus>(),
            UnaryFunction.Mish => use.With<VectorMish>(),
            UnaryFunction.Tanh => use.With<VectorTanh>(),
            UnaryFunction.Erf => use.With<VectorErf>(),
            UnaryFunction.Gelu => use.With<VectorGelu>(),
            UnaryFunction.GeluTanh => use.With<VectorGeluTanh>(),
            UnaryFunction.Sqrt => use.With<VectorSqrt>(),
            UnaryFunction.Exp => use.With<VectorExp>(),
            UnaryFunction.Abs => use.With<VectorAbs>(),
            UnaryFunction.Negate => use.With<VectorNegate>(),
            UnaryFunction.Reciprocal => use.With<VectorReciprocal>(),
            UnaryFunction.Square => use.With<VectorSquare>(),
            UnaryFunction.Power when alpha == 2 => use.With<VectorSquare>(),
            UnaryFunction.Affine => use.With<VectorAffine>(),
            _ => false,
        };

    private readonly struct Forward(HostDevice host, float* x, float* y, int count, float alpha, float beta) : IVectorUnaryUse
    {
        public bool With<TFunction>()
            where TFunction : struct, IVectorUnary
        {
            VectorDispatch.For(host, count, (long)Cost * count, new ForwardLoop<TFunction>(x, y, alpha, beta));
            return true;
        }
    }

    private readonly struct Backward(HostDevice host, float* known, float* dy, float* dx, int count, float alpha, float beta)
        : IVectorUnaryUse
    {
        public bool With<TFunction>()
            where TFunction : struct, IVectorUnary
        {
            VectorDispatch.For(host, count, (long)Cost * count, new BackwardLoop<TFunction>(known, dy, dx, alpha, beta));
            return true;
        }
    }

    private readonly struct Nothing : IVectorUnaryUse
    {
        public bool With<TFunction>()
            where TFunction : struct, IVectorUnary => true;
    }

    private readonly struct ForwardLoop<TFunction>(float* x, float* y, float alpha, float beta) : IVectorLoop
        where TFunction : struct, IVectorUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* source = x, target = y;
            TV a = TV.Broadcast(alpha), b = TV.Broadcast(beta);
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(default(TFunction).Value(TV.Load(source + i), a, b), target + i);
            }

            if (i < end)
            {
                Partial.Store(default(TFunction).Value(Partial.Load<TV>(source + i, end - i), a, b), target + i, end - i);
            }
        }
    }

    private readonly struct BackwardLoop<TFunction>(float* known, float* dy, float* dx, float alpha, float beta) : IVectorLoop
        where TFunction : struct, IVectorUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* value = known, source = dy, target = dx;
            TV a = TV.Broadcast(alpha), b = TV.Broadcast(beta);
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(TV.Load(source + i) * default(TFunction).Slope(TV.Load(value + i), a, b), target + i);
            }

            if (i < end)
            {
                TV slope = default(TFunction).Slope(Partial.Load<TV>(value + i, end - i), a, b);
                Partial.Store(Partial.Load<TV>(source + i, end - i) * slope, target + i, end - i);
            }
        }
    }
}

/// <summary>What is done with the vectorised version of a function; false where it can't be.</summary>
internal interface IVectorUnaryUse
{
    bool With<TFunction>()
        where TFunction : struct, IVectorUnary;
}
