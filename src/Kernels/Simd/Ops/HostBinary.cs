using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Binary"/>, forward and the gradient of an operand that was not repeated: lanes lie along the innermost of
/// the merged axes, on which an operand moves or stands still. Powers are left to the plain kernels.
/// </summary>
internal static unsafe class HostBinary
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(BinaryFunction f, Tensor a, Tensor b, Tensor y, BroadcastLoops loops)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var use = new Forward(host, new Operands(a.HostPointer, b.HostPointer, null, null, loops), y.HostPointer, y.Count);
        return f switch
        {
            BinaryFunction.Add => use.With<VectorAdd>(),
            BinaryFunction.Subtract => use.With<VectorSubtract>(),
            BinaryFunction.Multiply => use.With<VectorMultiply>(),
            BinaryFunction.Divide => use.With<VectorDivide>(),
            BinaryFunction.Maximum => use.With<VectorMaximum>(),
            BinaryFunction.Minimum => use.With<VectorMinimum>(),
            _ => false,
        };
    }

    /// <summary>Computes the gradient of an operand if its device is a vectorised host.</summary>
    public static bool TryBackward(
        BinaryFunction f, Tensor a, Tensor b, Tensor y, Tensor dy, Tensor gradient, int which, BroadcastLoops loops)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var operands = new Operands(a.HostPointer, b.HostPointer, y.HostPointer, dy.HostPointer, loops);
        return gradient.Count == y.Count
            ? WithSlope(f, which, new Backward(host, operands, gradient.HostPointer, gradient.Count))
            : WithSlope(f, which, new HostBinarySum(host, operands, gradient.HostPointer, which == 0 ? loops.StepA : loops.StepB));
    }

    private static bool WithSlope<TUse>(BinaryFunction f, int which, TUse use)
        where TUse : struct, IVectorSlopeUse => (f, which) switch
        {
            (BinaryFunction.Add, _) or (BinaryFunction.Subtract, 0) => use.With<SlopeOne>(),
            (BinaryFunction.Subtract, _) => use.With<SlopeMinusOne>(),
            (BinaryFunction.Multiply, 0) => use.With<SlopeB>(),
            (BinaryFunction.Multiply, _) => use.With<SlopeA>(),
            (BinaryFunction.Divide, 0) => use.With<SlopeReciprocalB>(),
            (BinaryFunction.Divide, _) => use.With<SlopeQuotient>(),
            (BinaryFunction.Maximum, 0) => use.With<SlopeLargerA>(),
            (BinaryFunction.Maximum, _) => use.With<SlopeLargerB>(),
            (BinaryFunction.Minimum, 0) => use.With<SlopeSmallerA>(),
            (BinaryFunction.Minimum, _) => use.With<SlopeSmallerB>(),
            _ => false,
        };

    private readonly struct Forward(HostDevice host, Operands operands, float* y, int count)
    {
        public bool With<TFunction>()
            where TFunction : struct, IVectorBinary
        {
            VectorDispatch.For(host, count, 3L * count, new RowsLoop<ForwardRow<TFunction>>(operands, y));
            return true;
        }
    }

    private readonly struct Backward(HostDevice host, Operands operands, float* gradient, int count) : IVectorSlopeUse
    {
        public bool With<TSlope>()
            where TSlope : struct, IVectorSlope
        {
            VectorDispatch.For(host, count, 4L * count, new RowsLoop<BackwardRow<TSlope>>(operands, gradient));
            return true;
        }
    }

    /// <summary>Cuts elements start … end - 1 into rows of the innermost axis.</summary>
    private readonly struct RowsLoop<TRow>(Operands operands, float* target) : IVectorLoop
        where TRow : struct, IRow
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            Shape extents = operands.Loops.Y;
            int row = start / extents.C, c = start % extents.C, w = row % extents.W, plane = row / extents.W;
            int h = plane % extents.H, n = plane / extents.H;
            for (int i = start; i < end;)
            {
                int length = Math.Min(extents.C - c, end - i);
                default(TRow).Run<TV>(operands.At(n, h, w, c, i), target + i, length);
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
            int moveA = from.Loops.StepA.C, moveB = from.Loops.StepB.C, i = 0;
            if (moveA != 0 && moveB != 0)
            {
                for (; i <= count - TV.Lanes; i += TV.Lanes)
                {
                    TV.Store(default(TFunction).Value(TV.Load(a + i), TV.Load(b + i)), target + i);
                }
            }
            else if (moveA != 0)
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
