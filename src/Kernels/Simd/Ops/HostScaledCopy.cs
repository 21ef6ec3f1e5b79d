using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary><see cref="ScaledCopy"/> of images that are not mirrored, vectorised.</summary>
internal static unsafe class HostScaledCopy
{
    /// <summary>Writes y, or adds to it, if both tensors lie on a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, float factor, bool add)
    {
        if (x.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, y.Count, 3L * y.Count, new Loop(x.HostPointer, y.HostPointer, factor, add));
        return true;
    }

    private readonly struct Loop(float* x, float* y, float factor, bool add) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            if (add)
            {
                Elementwise.AddScaled<TV>(factor, x + start, y + start, end - start);
            }
            else
            {
                Elementwise.Scale<TV>(factor, x + start, y + start, end - start);
            }
        }
    }
}
