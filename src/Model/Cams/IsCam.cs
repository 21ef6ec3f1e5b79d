namespace GpuCam.Model;

/// <summary>IS-CAM (arXiv 2010.03023): Score-CAM with the mean logit of the masked image at 1/n, 2/n … n/n of its brightness.</summary>
public sealed class IsCam(int samples, int topChannels) : MaskedScoreCam(samples, topChannels)
{
    private readonly int _samples = samples;

    /// <inheritdoc/>
    public override string Name => "iscam";

    /// <inheritdoc/>
    public override string Description => "scorecam, averaged while the masked image fades in";

    /// <inheritdoc/>
    protected override float Factor(int pass) => (pass + 1f) / _samples;
}
