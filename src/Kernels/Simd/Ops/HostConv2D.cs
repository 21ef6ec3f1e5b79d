using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised convolutions, whatever the vector width (in bits, see <see cref="SimdWidth"/>).</summary>
internal static unsafe class HostConv2D
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, Activation activation, Tensor? residual, int offset)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        float* biases = bias == null ? null : bias.HostPointer;
        ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) => Forward(
            host.VectorBits, host.Threads, x.HostPointer, weight.Tensor.HostPointer, biases, relu, target.HostPointer, g));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, ConvWeight weight, Tensor dx, Conv2DGeometry g)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        BackwardData(host.VectorBits, host.Threads, dy.HostPointer, weight.Tensor.HostPointer, dx.HostPointer, g);
        return true;
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        BackwardWeight(host.VectorBits, host.Threads, x.HostPointer, dy.HostPointer, dWeight.HostPointer, g);
        return true;
    }

    /// <summary>y = windows(x) * weight (+ bias, ReLU). Bias may be null.</summary>
    public static void Forward(int bits, HostThreads team, float* x, float* weight, float* bias, bool relu, float* y, Conv2DGeometry g) =>
        VectorDispatch.Run(bits, new ForwardJob(team, x, weight, bias, relu, y, g));

    /// <summary>The gradient of the input.</summary>
    public static void BackwardData(int bits, HostThreads team, float* dy, float* weight, float* dx, Conv2DGeometry g) =>
        VectorDispatch.Run(bits, new BackwardDataJob(team, dy, weight, dx, g));

    /// <summary>The gradient of the weight, summed over images.</summary>
    public static void BackwardWeight(int bits, HostThreads team, float* x, float* dy, float* dWeight, Conv2DGeometry g) =>
        VectorDispatch.Run(bits, new BackwardWeightJob(team, x, dy, dWeight, g));

    private readonly struct ForwardJob(
        HostThreads team, float* x, float* weight, float* bias, bool relu, float* y, Conv2DGeometry g) : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV> => DirectConv.Forward<TV>(team, x, weight, bias, relu, y, g);
    }

    private readonly struct BackwardDataJob(HostThreads team, float* dy, float* weight, float* dx, Conv2DGeometry g) : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV> => DirectConv.BackwardData<TV>(team, dy, weight, dx, g);
    }

    private readonly struct BackwardWeightJob(HostThreads team, float* x, float* dy, float* dWeight, Conv2DGeometry g) : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV> => DirectConv.BackwardWeight<TV>(team, x, dy, dWeight, g);
    }
}
