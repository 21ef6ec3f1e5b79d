using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>A derivative of a <see cref="Ops.BinaryFunction"/> over registers; what it says it does not read is not given.</summary>
internal interface IVectorSlope
{
    bool ReadsA { get; }

    bool ReadsB { get; }

    bool ReadsY { get; }

    TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV>;
}

internal readonly struct SlopeOne : IVectorSlope
{
    public bool ReadsA => false;

    public bool ReadsB => false;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1);
}

internal readonly struct SlopeMinusOne : IVectorSlope
{
    public bool ReadsA => false;

    public bool ReadsB => false;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(-1);
}

internal readonly struct SlopeA : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => false;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => a;
}

internal readonly struct SlopeB : IVectorSlope
{
    public bool ReadsA => false;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => b;
}

internal readonly struct SlopeReciprocalB : IVectorSlope
{
    public bool ReadsA => false;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(1) / b;
}

internal readonly struct SlopeQuotient : IVectorSlope
{
    public bool ReadsA => false;

    public bool ReadsB => true;

    public bool ReadsY => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => (default(TV) - y) / b;
}

internal readonly struct SlopeLargerA : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(b, a, default, TV.Broadcast(1));
}

internal readonly struct SlopeLargerB : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(b, a, TV.Broadcast(1), default);
}

internal readonly struct SlopeSmallerA : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(a, b, default, TV.Broadcast(1));
}

internal readonly struct SlopeSmallerB : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(a, b, TV.Broadcast(1), default);
}

/// <summary>Of <see cref="VectorPRelu"/> by a.</summary>
internal readonly struct SlopeOfRectified : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => true;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(a, default, TV.Broadcast(1), b);
}

/// <summary>Of <see cref="VectorPRelu"/> by b.</summary>
internal readonly struct SlopeOfSlope : IVectorSlope
{
    public bool ReadsA => true;

    public bool ReadsB => false;

    public bool ReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Value<TV>(TV a, TV b, TV y)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(a, default, default, a);
}
