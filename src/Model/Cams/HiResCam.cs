using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>HiResCAM (arXiv 2011.08891): gradient times activation, pixel by pixel, summed over the channels.</summary>
public sealed class HiResCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "hirescam";

    /// <inheritdoc/>
    public override string Description => "gradient times activation in every pixel";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Gradient();
    }
}
