using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Grad-CAM with the gradient's sign turned round (arXiv 1610.02391, section 3.3): what would lower the class's logit.</summary>
public sealed class CounterfactualCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "counterfactual";

    /// <inheritdoc/>
    public override string Description => "gradcam with the gradient negated: what speaks against the class";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return GradCam.Average(context, context.Gradient(), -1);
    }
}
