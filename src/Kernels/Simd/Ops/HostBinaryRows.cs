using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Goes over a result of <see cref="Binary"/> row by row of the innermost merged axis. Where rows are short and one operand is repeated
/// from row to row it is copied until whole registers hold whole rows, and many rows become one.
/// </summary>
internal readonly unsafe struct HostBinaryRows(HostDevice host, Operands operands, BroadcastLoops loops, float* target, int count)
    : IVectorSlopeUse
{
    private const int PatternSlot = 0;

    /// <summary>Registers of a row from which on what its start and end cost does not matter.</summary>
    private const int LongRow = 16;

    /// <summary>The function itself.</summary>
    public bool Forward<TFunction>()
        where TFunction : struct, IVectorBinary
    {
        Shape y = loops.Y, a = loops.StepA, b = loops.StepB;
        bool shortRows = y.W > 1 && y.C < LongRow * host.VectorBits / 32;
        if (shortRows && a.W == y.C && b is { W: 0, C: 1 })
        {
            Patterned<TFunction>(operands.A, operands.B, a, b);
        }
        else if (shortRows && b.W == y.C && a is { W: 0, C: 1 })
        {
            Patterned<Swapped<TFunction>>(operands.B, operands.A, b, a);
        }
        else
        {
            VectorDispatch.For(host, count, 3L * count, new RowsLoop<ForwardRow<TFunction>>(operands, loops, target));
        }

        return true;
    }

    /// <summary>The gradient of an operand that is not repeated.</summary>
    public bool With<TSlope>()
        where TSlope : struct, IVectorSlope
    {
        VectorDispatch.For(host, count, 4L * count, new RowsLoop<BackwardRow<TSlope>>(operands, loops, target));
        return true;
    }

    private void Patterned<TFunction>(float* dense, float* repeated, Shape stepDense, Shape stepRepeated)
        where TFunction : struct, IVectorBinary =>
        VectorDispatch.For(host, count / loops.Y.C, 3L * count, new PatternLoop<TFunction>(
            dense, repeated, stepDense, stepRepeated, loops.Y, target));

    /// <summary>A function with its operands the other way round.</summary>
    private readonly struct Swapped<TFunction> : IVectorBinary
        where TFunction : struct, IVectorBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Value<TV>(TV a, TV b)
            where TV : unmanaged, IVector<TV> => default(TFunction).Value(b, a);
    }

    /// <summary>An item is a row; the rows of a plane are one, beside a pattern of the repeated operand's.</summary>
    private readonly struct PatternLoop<TFunction>(
        float* dense, float* repeated, Shape stepDense, Shape stepRepeated, Shape y, float* target) : IVectorLoop
        where TFunction : struct, IVectorBinary
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = y.C;
            while (length % TV.Lanes != 0)
            {
                length *= 2;
            }

            float* pattern = Scratch.Get(PatternSlot, length);
            for (int row = start; row < end;)
            {
                int plane = row / y.W, w = row % y.W, rows = Math.Min(y.W - w, end - row), n = plane / y.H, h = plane % y.H;
                float* source = repeated + ((long)n * stepRepeated.N) + ((long)h * stepRepeated.H);
                for (int i = 0; i < length; i += y.C)
                {
                    new ReadOnlySpan<float>(source, y.C).CopyTo(new Span<float>(pattern + i, y.C));
                }

                float* from = dense + ((long)n * stepDense.N) + ((long)h * stepDense.H) + ((long)w * stepDense.W);
                Plane<TV>(from, pattern, length, target + ((long)row * y.C), rows * y.C);
                row += rows;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Plane<TV>(float* from, float* pattern, int length, float* to, int elements)
            where TV : unmanaged, IVector<TV>
        {
            int i = 0, at = 0;
            for (; i <= elements - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(default(TFunction).Value(TV.Load(from + i), TV.Load(pattern + at)), to + i);
                at = at + TV.Lanes == length ? 0 : at + TV.Lanes;
            }

            if (i < elements)
            {
                TV last = default(TFunction).Value(Partial.Load<TV>(from + i, elements - i), TV.Load(pattern + at));
                Partial.Store(last, to + i, elements - i);
            }
        }
    }

    /// <summary>Cuts elements start … end - 1 into rows of the innermost axis.</summary>
    private readonly struct RowsLoop<TRow>(Operands operands, BroadcastLoops loops, float* target) : IVectorLoop
        where TRow : struct, IRow
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            Shape extents = loops.Y;
            int row = start / extents.C, c = start % extents.C, w = row % extents.W, plane = row / extents.W;
            int h = plane % extents.H, n = plane / extents.H;
            for (int i = start; i < end;)
            {
                int length = Math.Min(extents.C - c, end - i);
                default(TRow).Run<TV>(operands.At(loops, n, h, w, c, i), target + i, length);
                i += length;
                c = 0;
                if (++w == extents.W)
                {
                    w = 0;
                    if (++h == extents.H)
                    {
                        h = 0;
                        n++;
                    }
                }
            }
        }
    }

    /// <summary>What is done to neighbouring elements.</summary>
    private interface IRow
    {
        void Run<TV>(Operands from, float* target, int count)
            where TV : unmanaged, IVector<TV>;
    }

    private readonly struct ForwardRow<TFunction> : IRow
        where TFunction : struct, IVectorBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(Operands from, float* target, int count)
            where TV : unmanaged, IVector<TV>
        {
            float* a = from.A, b = from.B;
            int i = 0;
            if (from.MovesA && from.MovesB)
            {
                for (; i <= count - TV.Lanes; i += TV.Lanes)
                {
                    TV.Store(default(TFunction).Value(TV.Load(a + i), TV.Load(b + i)), target + i);
                }
            }
            else if (from.MovesA)
            {
                TV still = TV.Broadcast(*b);
                for (; i <= count - TV.Lanes; i += TV.Lanes)
                {
                    TV.Store(default(TFunction).Value(TV.Load(a + i), still), target + i);
                }
            }
            else
            {
                TV still = TV.Broadcast(*a);
                for (; i <= count - TV.Lanes; i += TV.Lanes)
                {
                    TV.Store(default(TFunction).Value(still, from.VectorB<TV>(i)), target + i);
                }
            }

            if (i < count)
            {
                TV last = default(TFunction).Value(from.LastA<TV>(i, count - i), from.LastB<TV>(i, count - i));
                Partial.Store(last, target + i, count - i);
            }
        }
    }

    private readonly struct BackwardRow<TSlope> : IRow
        where TSlope : struct, IVectorSlope
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(Operands from, float* target, int count)
            where TV : unmanaged, IVector<TV>
        {
            int i = 0;
            for (; i <= count - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(from.Product<TV, TSlope>(i), target + i);
            }

            if (i < count)
            {
                Partial.Store(from.LastProduct<TV, TSlope>(i, count - i), target + i, count - i);
            }
        }
    }
}
