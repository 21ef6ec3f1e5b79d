namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised gradient of a bias: the sum over images and pixels, channel by channel.</summary>
internal static unsafe class HostBias
{
    /// <summary>Computes dBias if its device is a vectorised host.</summary>
    public static bool TryBackward(Tensor dy, Tensor dBias)
    {
        if (dBias.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        // One sum per image, added in their order: the bits do not depend on the threads. A matrix is one image of N lines.
        Shape shape = dy.Shape;
        if (shape.Area == 1)
        {
            shape = new Shape(1, shape.N, 1, shape.C);
        }

        using var sums = new AlignedBuffer<float>((long)shape.N * shape.C);
        VectorDispatch.For(host, shape.N, dy.Count, new ImagesLoop(dy.HostPointer, sums.Start, shape));
        VectorDispatch.For(host, 1, 0, new ImagesLoop(sums.Start, dBias.HostPointer, new Shape(1, shape.N, 1, shape.C)));
        return true;
    }

    private readonly struct ImagesLoop(float* x, float* sums, Shape shape) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int n = start; n < end; n++)
            {
                PixelSums.Write<TV>(x + ((long)n * shape.Area * shape.C), shape.H, shape.W, shape.C, 1, sums + ((long)n * shape.C));
            }
        }
    }
}
