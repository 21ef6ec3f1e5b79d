using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.ClassActivationMap"/>: lanes are channels, an item is a pixel.</summary>
internal static unsafe class HostClassActivationMap
{
    private const int ColumnSlot = 0;

    /// <summary>Computes cam if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor features, Tensor weight, DeviceBuffer<int> classes, Tensor cam)
    {
        if (cam.Device is not HostDevice { Vectorized: true } host)
            return false;
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
                        column[k] = weight[((long)k * classCount) + label];
                    Dot<TV>(features + ((long)start * shape.C), column, shape.C, cam + start, stop - start);
                }
                else
                {
                    new Span<float>(cam + start, stop - start).Fill(float.NaN);
                }

                start = stop;
            }
        }

        /// <summary>Four pixels at a time; behind the last one, the last again, which writes the same bits twice.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Dot<TV>(float* x, float* column, int channels, float* y, int pixels)
            where TV : unmanaged, IVector<TV>
        {
            for (int p0 = 0; p0 < pixels; p0 += 4)
            {
                int p1 = Math.Min(p0 + 1, pixels - 1), p2 = Math.Min(p0 + 2, pixels - 1), p3 = Math.Min(p0 + 3, pixels - 1), k = 0;
                float* x0 = x + ((long)p0 * channels), x1 = x + ((long)p1 * channels);
                float* x2 = x + ((long)p2 * channels), x3 = x + ((long)p3 * channels);
                TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                for (; k <= channels - TV.Lanes; k += TV.Lanes)
                {
                    var w = TV.Load(column + k);
                    sum0 = TV.MulAdd(w, TV.Load(x0 + k), sum0);
                    sum1 = TV.MulAdd(w, TV.Load(x1 + k), sum1);
                    sum2 = TV.MulAdd(w, TV.Load(x2 + k), sum2);
                    sum3 = TV.MulAdd(w, TV.Load(x3 + k), sum3);
                }

                float y0 = TV.Sum(sum0), y1 = TV.Sum(sum1), y2 = TV.Sum(sum2), y3 = TV.Sum(sum3);
                for (; k < channels; k++)
                {
                    y0 += column[k] * x0[k];
                    y1 += column[k] * x1[k];
                    y2 += column[k] * x2[k];
                    y3 += column[k] * x3[k];
                }

                y[p0] = y0;
                y[p1] = y1;
                y[p2] = y2;
                y[p3] = y3;
            }
        }
    }
}
