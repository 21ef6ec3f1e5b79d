using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.Relu"/>.</summary>
internal static unsafe class HostRelu
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, y.Count, 2L * y.Count, new ForwardLoop(x.HostPointer, y.HostPointer));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackward(Tensor y, Tensor dy, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Count, 3L * dx.Count, new BackwardLoop(y.HostPointer, dy.HostPointer, dx.HostPointer));
        return true;
    }

    private readonly struct ForwardLoop(float* x, float* y) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* source = x, target = y;
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV value = TV.Load(source + i);
                TV.Store(TV.SelectGreaterOrNaN(value, default, value, default), target + i);
            }

            for (; i < end; i++)
            {
                target[i] = source[i] <= 0 ? 0 : source[i];
            }
        }
    }

    private readonly struct BackwardLoop(float* y, float* dy, float* dx) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* result = y, source = dy, target = dx;
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(TV.SelectGreater(TV.Load(result + i), default, TV.Load(source + i), default), target + i);
            }

            for (; i < end; i++)
            {
                target[i] = result[i] > 0 ? source[i] : 0;
            }
        }
    }
}
