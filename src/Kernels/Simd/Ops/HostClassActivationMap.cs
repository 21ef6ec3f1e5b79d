namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.ClassActivationMap"/>: lanes are channels, an item is a pixel.</summary>
internal static unsafe class HostClassActivationMap
{
    private const int ColumnSlot = 0;

    /// <summary>Computes cam if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor features, Tensor weight, DeviceBuffer<int> classes, Tensor cam)
    {
        if (cam.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, cam.Count, features.Count, new PixelLoop(
            features.HostPointer, weight.HostPointer, classes.HostPointer(), cam.HostPointer, features.Shape, weight.Shape.C));
        return true;
    }

    private readonly struct PixelLoop(float* features, float* weight, int* classes, float* cam, Shape shape, int classCount) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* column = Scratch.Get(ColumnSlot, shape.C);
            while (start < end)
            {
                int n = start / shape.Area, stop = (int)Math.Min(end, (n + 1L) * shape.Area), label = classes[n];
                if ((uint)label < (uint)classCount)
                {
                    for (int k = 0; k < shape.C; k++)
                    {
                        column[k] = weight[((long)k * classCount) + label];
                    }

                    PixelDots.Write<TV>(features + ((long)start * shape.C), column, shape.C, cam + start, stop - start);
                }
                else
                {
                    new Span<float>(cam + start, stop - start).Fill(float.NaN);
                }

                start = stop;
            }
        }
    }
}
