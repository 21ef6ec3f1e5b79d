using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Binary"/>: lanes lie along the innermost of the merged axes, on which an operand moves or stands still.
/// Powers are left to the plain kernels.
/// </summary>
internal static unsafe class HostBinary
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(BinaryFunction f, Tensor a, Tensor b, Tensor y, BroadcastLoops loops) =>
        y.Device is HostDevice { Vectorized: true } host && Forward(f, host, a.HostPointer, b.HostPointer, y, loops);

    /// <summary>Computes y = factor * a if its device is a vectorised host; the loops are those of a and one number.</summary>
    public static bool TryScale(Tensor a, float factor, Tensor y, BroadcastLoops loops) =>
        y.Device is HostDevice { Vectorized: true } host && Forward(BinaryFunction.Multiply, host, a.HostPointer, &factor, y, loops);

    /// <summary>Computes the gradient of an operand if its device is a vectorised host.</summary>
    public static bool TryBackward(
        BinaryFunction f, Tensor a, Tensor b, Tensor y, Tensor dy, Tensor gradient, int which, BroadcastLoops loops)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (gradient.Count == y.Count && (f, which) is (BinaryFunction.Multiply, _) or (BinaryFunction.Divide, 0))
        {
            Tensor other = which == 0 ? b : a;
            return TryForward(f, dy, other, gradient, new BroadcastLoops(y.Shape, y.Shape, other.Shape));
        }

        var operands = new Operands(
            a.HostPointer, b.HostPointer, y.HostPointer, dy.HostPointer, loops.StepA.C != 0, loops.StepB.C != 0);
        return gradient.Count == y.Count
            ? WithSlope(f, which, new HostBinaryRows(host, operands, loops, gradient.HostPointer, gradient.Count))
            : WithSlope(f, which, new HostBinarySum(
                host, operands, loops, gradient.HostPointer, which == 0 ? loops.StepA : loops.StepB));
    }

    private static bool Forward(BinaryFunction f, HostDevice host, float* a, float* b, Tensor y, BroadcastLoops loops)
    {
        var operands = new Operands(a, b, null, null, loops.StepA.C != 0, loops.StepB.C != 0);
        var rows = new HostBinaryRows(host, operands, loops, y.HostPointer, y.Count);
        return f switch
        {
            BinaryFunction.Add => rows.Forward<VectorAdd>(),
            BinaryFunction.Subtract => rows.Forward<VectorSubtract>(),
            BinaryFunction.Multiply => rows.Forward<VectorMultiply>(),
            BinaryFunction.Divide => rows.Forward<VectorDivide>(),
            BinaryFunction.Maximum => rows.Forward<VectorMaximum>(),
            BinaryFunction.Minimum => rows.Forward<VectorMinimum>(),
            _ => false,
        };
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
}
