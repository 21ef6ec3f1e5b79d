using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

internal readonly struct VectorSigmoid : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => known * (TV.Broadcast(1) - known);
}

internal readonly struct VectorSwish : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x * VectorMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.SigmoidProductSlope(known, known);
}

internal readonly struct VectorTanh : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1) - (known * known);
}

internal readonly struct VectorElu : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV tanh = VectorMath.Tanh(x * TV.Broadcast(0.5f));
        return TV.SelectGreater(x, default, x, alpha * (tanh + tanh) / (TV.Broadcast(1) - tanh));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreater(known, default, TV.Broadcast(1), alpha * VectorMath.Exp(known));
}

internal readonly struct VectorMish : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x * VectorMath.TanhOfSoftplus(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV tanh = VectorMath.TanhOfSoftplus(known);
        return TV.MulAdd(known * (TV.Broadcast(1) - (tanh * tanh)), VectorMath.Sigmoid(known), tanh);
    }
}

internal readonly struct VectorErf : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1.12837917f) * VectorMath.Exp(default(TV) - (known * known));
}

internal readonly struct VectorGelu : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => x * VectorMath.Normal(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV density = TV.Broadcast(0.39894228f) * VectorMath.Exp(TV.Broadcast(-0.5f) * known * known);
        return TV.MulAdd(known, density, VectorMath.Normal(known));
    }
}

internal readonly struct VectorGeluTanh : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV t = x * TV.MulAdd(TV.Broadcast(0.071354816f) * x, x, TV.Broadcast(1.5957691f));
        return x * VectorMath.Sigmoid(t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV>
    {
        TV t = known * TV.MulAdd(TV.Broadcast(0.071354816f) * known, known, TV.Broadcast(1.5957691f));
        TV inner = known * TV.MulAdd(TV.Broadcast(3 * 0.071354816f) * known, known, TV.Broadcast(1.5957691f));
        return VectorMath.SigmoidProductSlope(t, inner);
    }
}

internal readonly struct VectorSoftplus : IVectorUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV x, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Softplus(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Slope<TV>(TV known, TV alpha, TV beta)
        where TV : unmanaged, IVector<TV> => VectorMath.Sigmoid(known);
}
