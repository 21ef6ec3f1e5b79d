using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised convolutions, whatever the vector width (in bits, see <see cref="SimdWidth"/>).</summary>
internal static unsafe class HostConv2D
{
    /// <summary>y = windows(x) * weight (+ bias, ReLU). Bias may be null.</summary>
    public static void Forward(int bits, HostThreads team, float* x, float* weight, float* bias, bool relu, float* y, Conv2DGeometry g)
    {
        switch (bits)
        {
            case 512:
                DirectConv.Forward<V512>(team, x, weight, bias, relu, y, g);
                break;
            case 256:
                DirectConv.Forward<V256>(team, x, weight, bias, relu, y, g);
                break;
            default:
                DirectConv.Forward<V128>(team, x, weight, bias, relu, y, g);
                break;
        }
    }

    /// <summary>The gradient of the input.</summary>
    public static void BackwardData(int bits, HostThreads team, float* dy, float* weight, float* dx, Conv2DGeometry g)
    {
        switch (bits)
        {
            case 512:
                DirectConv.BackwardData<V512>(team, dy, weight, dx, g);
                break;
            case 256:
                DirectConv.BackwardData<V256>(team, dy, weight, dx, g);
                break;
            default:
                DirectConv.BackwardData<V128>(team, dy, weight, dx, g);
                break;
        }
    }

    /// <summary>The gradient of the weight, summed over images.</summary>
    public static void BackwardWeight(int bits, HostThreads team, float* x, float* dy, float* dWeight, Conv2DGeometry g)
    {
        switch (bits)
        {
            case 512:
                DirectConv.BackwardWeight<V512>(team, x, dy, dWeight, g);
                break;
            case 256:
                DirectConv.BackwardWeight<V256>(team, x, dy, dWeight, g);
                break;
            default:
                DirectConv.BackwardWeight<V128>(team, x, dy, dWeight, g);
                break;
        }
    }
}
