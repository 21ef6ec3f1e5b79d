namespace GpuCam.Model;

/// <summary>Score-CAM (arXiv 1910.01279): a channel weighs what the class's logit makes of the image behind it as a mask.</summary>
public sealed class ScoreCam(int topChannels) : MaskedScoreCam(1, topChannels)
{
    /// <inheritdoc/>
    public override string Name => "scorecam";

    /// <inheritdoc/>
    public override string Description => "channels as masks on the image, weighted by the class's logit";
}
