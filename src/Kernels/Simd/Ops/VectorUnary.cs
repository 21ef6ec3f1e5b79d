using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>A function of <see cref="Ops.UnaryFunction"/> over registers; what its slope is given is what the plain one's is.</summary>
internal interface IVectorUnary
{
    TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>;

    TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>;
}

internal readonly struct VectorIdentity : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1);
}

internal readonly struct VectorRectify : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Max(default, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(known, default, TV.Broadcast(1), default);
}

internal readonly struct VectorLeakyRelu : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(x, default, x, alpha * x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(known, default, TV.Broadcast(1), alpha);
}

internal readonly struct VectorClip : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Clip(x, alpha, beta);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreater(known, alpha, TV.SelectGreater(beta, known, TV.Broadcast(1), default), default);
}

internal readonly struct VectorHardSigmoid : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Clip(TV.MulAdd(alpha, x, beta), default, TV.Broadcast(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreater(known, default, TV.SelectGreater(TV.Broadcast(1), known, alpha, default), default);
}

internal readonly struct VectorHardSwish : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> =>
        x * VectorMath.Clip(TV.MulAdd(x, TV.Broadcast(1f / 6), TV.Broadcast(0.5f)), default, TV.Broadcast(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV three = TV.Broadcast(3), between = TV.MulAdd(known, TV.Broadcast(1f / 3), TV.Broadcast(0.5f));
        return TV.SelectGreater(three, known, TV.SelectGreater(known, default(TV) - three, between, default), TV.Broadcast(1));
    }
}

internal readonly struct VectorSqrt : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(0.5f) / known;
}

internal readonly struct VectorSquare : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => known + known;
}

internal readonly struct VectorAffine : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.MulAdd(alpha, x, beta);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => alpha;
}

internal readonly struct VectorExp : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => known;
}

internal readonly struct VectorAbs : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(default, x, default(TV) - x, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreater(known, default, TV.Broadcast(1), TV.SelectGreater(default, known, TV.Broadcast(-1), default));
}

internal readonly struct VectorNegate : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x * TV.Broadcast(-1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(-1);
}

internal readonly struct VectorReciprocal : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1) / x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => (default(TV) - known) * known;
}
