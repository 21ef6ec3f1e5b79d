using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// SS-CAM (arXiv 2006.14255): Score-CAM with the mean logit over masks with normal noise. The noise of a pass is the same for
/// every channel and image, so that scores differ by what the channels show and not by luck.
/// </summary>
public sealed class SsCam(int samples, float deviation, ulong seed, int topChannels) : MaskedScoreCam(samples, topChannels)
{
    /// <inheritdoc/>
    public override string Name => "sscam";

    /// <inheritdoc/>
    public override string Description => "scorecam, averaged over noisy masks";

    /// <inheritdoc/>
    protected override Tensor Noise(CamContext context, Shape shape, int pass)
    {
        ArgumentNullException.ThrowIfNull(context);
        var random = new CounterRandom(seed, RandomPurpose.CamNoise, (ulong)pass);
        float[] noise = new float[shape.Count];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = deviation * random.Normal((uint)i);
        }

        return context.Upload("noise", shape, noise);
    }
}
