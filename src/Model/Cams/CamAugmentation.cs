using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Maps of an image and its mirror image, each at several brightnesses, as one.</summary>
internal static class CamAugmentation
{
    private static readonly float[] s_brightness = [0.9f, 1, 1.1f];

    /// <summary>The mean map of variants of the images, all as the method makes them.</summary>
    public static Tensor Mean(ICamMethod method, CamContext context, Tensor map)
    {
        Tensor images = context.Images, mean = context.Memory("mean over variants", map.Shape);
        Tensor variant = context.Memory("variant of the images", images.Shape);
        float share = 1f / (2 * s_brightness.Length);
        int first = context.Part * 2 * s_brightness.Length, done = 0;
        context.Parts *= 2 * s_brightness.Length;
        foreach (bool mirror in (bool[])[false, true])
        {
            foreach (float brightness in s_brightness)
            {
                context.Token.ThrowIfCancellationRequested();
                context.Part = first + done;
                ScaledCopy.Forward(images, variant, brightness, mirror);
                context.Execution.Forward(variant);
                method.Map(context, map);
                if (done == 0)
                {
                    ScaledCopy.Forward(map, mean, share, mirror);
                }
                else
                {
                    ScaledCopy.Add(map, mean, share, mirror);
                }

                done++;
            }
        }

        context.Execution.Forward(images);
        return mean;
    }
}
