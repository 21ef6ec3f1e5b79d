using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>An <see cref="Ops.IReduction"/> over registers, up to its last step.</summary>
internal interface IVectorReduction
{
    TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV>;

    TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV>;
}

internal readonly struct VectorSumOf : IVectorReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a + b;
}

internal readonly struct VectorAbsoluteSumOf : IVectorReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(default, x, default(TV) - x, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a + b;
}

internal readonly struct VectorSquaresOf : IVectorReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV> => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a + b;
}

internal readonly struct VectorLargestOf : IVectorReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => TV.SelectGreaterOrNaN(a, b, a, b);
}

internal readonly struct VectorSmallestOf : IVectorReduction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Element<TV>(TV x)
        where TV : unmanaged, IVector<TV> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Join<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreaterOrNaN(a, TV.Broadcast(float.PositiveInfinity), a, TV.SelectGreater(b, a, a, b));
}
