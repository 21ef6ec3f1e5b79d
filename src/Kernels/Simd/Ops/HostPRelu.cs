using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="PRelu"/>: to its loops it is one more function of two operands.</summary>
internal static unsafe class HostPRelu
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor slope, Tensor y, BroadcastLoops loops) =>
        y.Device is HostDevice { Vectorized: true } host
            && new HostBinaryRows(host, Of(x, slope, null, loops), loops, y.HostPointer, y.Count).Forward<VectorPRelu>();

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor x, Tensor slope, Tensor dy, Tensor dx, BroadcastLoops loops) =>
        dx.Device is HostDevice { Vectorized: true } host
            && new HostBinaryRows(host, Of(x, slope, dy, loops), loops, dx.HostPointer, dx.Count).With<SlopeOfRectified>();

    /// <summary>Computes dSlope if its device is a vectorised host.</summary>
    public static bool TryBackwardSlope(Tensor x, Tensor dy, Tensor dSlope, BroadcastLoops loops)
    {
        if (dSlope.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Operands operands = Of(x, dSlope, dy, loops);
        return dSlope.Count == x.Count
            ? new HostBinaryRows(host, operands, loops, dSlope.HostPointer, dSlope.Count).With<SlopeOfSlope>()
            : new HostBinarySum(host, operands, loops, dSlope.HostPointer, loops.StepB).With<SlopeOfSlope>();
    }

    private static Operands Of(Tensor x, Tensor slope, Tensor? dy, BroadcastLoops loops) => new(
        x.HostPointer, slope.HostPointer, null, dy == null ? null : dy.HostPointer, loops.StepA.C != 0, loops.StepB.C != 0);
}
