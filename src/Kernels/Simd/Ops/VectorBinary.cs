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

/// <summary>
/// A product that is not a normal number is zero: gates and what they let through are both small where exponentials made them, and one
/// subnormal number slows down a hundred times whatever multiplies it.
/// </summary>
internal readonly struct VectorMultiply : IVectorBinary
{
    private const float SmallestNormal = 1.17549435e-38f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV>
    {
        TV product = a * b, size = TV.SelectGreater(default, product, default(TV) - product, product);
        return TV.SelectGreater(TV.Broadcast(SmallestNormal), size, default, product);
    }
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
