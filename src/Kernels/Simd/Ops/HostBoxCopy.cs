using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary><see cref="CopyRegion"/> and <see cref="Slice"/> on the host: an item is a row of the box's innermost axis.</summary>
internal static unsafe class HostBoxCopy
{
    /// <summary>Copies the box if its device is a vectorised host.</summary>
    public static bool TryCopy(Tensor x, Tensor y, BoxCopy box)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Shape extents = box.Extents;
        VectorDispatch.For(host, extents.N * extents.H * extents.W, 2L * extents.Count, new RowLoop(x.HostPointer, y.HostPointer, box));
        return true;
    }

    /// <summary>Writes dx, zero outside of the box, if its device is a vectorised host.</summary>
    public static bool TrySpread(Tensor dy, Tensor dx, BoxCopy box)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Count, dx.Count, new ZeroLoop(dx.HostPointer));
        return TryCopy(dy, dx, box);
    }

    private readonly struct ZeroLoop(float* target) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV> => new Span<float>(target + start, end - start).Clear();
    }

    private readonly struct RowLoop(float* x, float* y, BoxCopy box) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = box.Extents.C, moveX = box.MoveX.C, moveY = box.MoveY.C;
            for (int row = start; row < end; row++)
            {
                float* source = x + box.X(row * length), target = y + box.Y(row * length);
                int i = 0;
                if (moveX <= 1 && moveY <= 1)
                {
                    for (; i <= length - TV.Lanes; i += TV.Lanes)
                    {
                        TV.Store(TV.Load(source + i), target + i);
                    }
                }

                for (; i < length; i++)
                {
                    target[i * moveY] = source[i * moveX];
                }
            }
        }
    }
}
