using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>What is done with the derivative of a <see cref="BinaryFunction"/>; false if nothing was.</summary>
internal interface IVectorSlopeUse
{
    bool With<TSlope>()
        where TSlope : struct, IVectorSlope;
}

/// <summary>
/// Where the operands of a <see cref="Binary"/>, its result and its gradient are, from some element on, and whether an operand moves
/// along the innermost axis.
/// </summary>
internal readonly unsafe struct Operands(float* a, float* b, float* y, float* dy, bool movesA, bool movesB)
{
    public readonly float* A = a, B = b, Y = y, Dy = dy;
    public readonly bool MovesA = movesA, MovesB = movesB;

    /// <summary>The same from this place of the merged axes on, which is element <paramref name="index"/> of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operands At(in BroadcastLoops loops, int n, int h, int w, int c, int index)
    {
        Shape stepA = loops.StepA, stepB = loops.StepB;
        long atA = ((long)n * stepA.N) + ((long)h * stepA.H) + ((long)w * stepA.W) + ((long)c * stepA.C);
        long atB = ((long)n * stepB.N) + ((long)h * stepB.H) + ((long)w * stepB.W) + ((long)c * stepB.C);
        return Along(atA, atB, index);
    }

    /// <summary>The same so many elements on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operands Along(long ofA, long ofB, long ofY) => new(A + ofA, B + ofB, Y + ofY, Dy + ofY, MovesA, MovesB);

    /// <summary>a, <paramref name="i"/> elements along the innermost axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV VectorA<TV>(int i)
        where TV : unmanaged, IVector<TV> => MovesA ? TV.Load(A + i) : TV.Broadcast(*A);

    /// <summary>b there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV VectorB<TV>(int i)
        where TV : unmanaged, IVector<TV> => MovesB ? TV.Load(B + i) : TV.Broadcast(*B);

    /// <summary>a in the first lanes.</summary>
    public TV LastA<TV>(int i, int count)
        where TV : unmanaged, IVector<TV> => MovesA ? Partial.Load<TV>(A + i, count) : TV.Broadcast(*A);

    /// <summary>b in the first lanes.</summary>
    public TV LastB<TV>(int i, int count)
        where TV : unmanaged, IVector<TV> => MovesB ? Partial.Load<TV>(B + i, count) : TV.Broadcast(*B);

    /// <summary>dy times the derivative; only what that reads is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Product<TV, TSlope>(int i)
        where TV : unmanaged, IVector<TV>
        where TSlope : struct, IVectorSlope =>
        TV.Load(Dy + i) * default(TSlope).Value(
            default(TSlope).ReadsA ? VectorA<TV>(i) : default,
            default(TSlope).ReadsB ? VectorB<TV>(i) : default,
            default(TSlope).ReadsY ? TV.Load(Y + i) : default);

    /// <summary>The same in the first lanes, zeros in the others.</summary>
    public TV LastProduct<TV, TSlope>(int i, int count)
        where TV : unmanaged, IVector<TV>
        where TSlope : struct, IVectorSlope
    {
        TV slope = default(TSlope).Value(
            default(TSlope).ReadsA ? LastA<TV>(i, count) : default,
            default(TSlope).ReadsB ? LastB<TV>(i, count) : default,
            default(TSlope).ReadsY ? Partial.Load<TV>(Y + i, count) : default);
        TV product = Partial.Load<TV>(Dy + i, count) * slope;
        return Partial.Load<TV>((float*)&product, count);
    }
}
