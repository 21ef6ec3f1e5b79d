using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>A function of <see cref="Ops.BinaryFunction"/> over registers.</summary>
internal interface IVectorBinary
{
    TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV>;
}

internal readonly struct VectorAdd : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a + b;
}

internal readonly struct VectorSubtract : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a - b;
}

internal readonly struct VectorMultiply : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a * b;
}

internal readonly struct VectorDivide : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => a / b;
}

internal readonly struct VectorMaximum : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => TV.SelectGreaterOrNaN(a, b, a, b);
}

internal readonly struct VectorMinimum : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> =>
        TV.SelectGreaterOrNaN(a, TV.Broadcast(float.PositiveInfinity), a, TV.SelectGreater(b, a, a, b));
}

/// <summary><see cref="Ops.PRelu"/> of a with slope b.</summary>
internal readonly struct VectorPRelu : IVectorBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(a, default, a, a * b);
}
