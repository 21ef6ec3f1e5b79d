using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// An image from NHWC to planar with a border of zeros, so that a window never asks where it is:
/// <code>
/// image   [H, W, ic]
/// padded  [ic, H + 4, W + 4]   the border is never written and stays zero
/// </code>
/// </summary>
internal static unsafe class PaddedInput
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* image, LeNetShape shape, float* padded)
    {
        for (int ic = 0; ic < shape.InChannels; ic++)
        {
            for (int row = 0; row < shape.Height; row++)
            {
                float* source = image + ((long)row * shape.Width * shape.InChannels) + ic;
                float* target = padded + ((long)ic * shape.PaddedPlane) + ((row + LeNetShape.Border) * shape.PaddedStride)
                    + LeNetShape.Border;
                if (shape.InChannels == 1)
                {
                    Buffer.MemoryCopy(source, target, shape.Width * sizeof(float), shape.Width * sizeof(float));
                    continue;
                }

                for (int column = 0; column < shape.Width; column++)
                {
                    target[column] = source[column * shape.InChannels];
                }
            }
        }
    }
}
