using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Grad-CAM++ (arXiv 1710.11063): see <see cref="GradCamPlusPlusWeights"/> for the weights.</summary>
public sealed class GradCamPlusPlus : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "gradcam++";

    /// <inheritdoc/>
    public override string Description => "positive gradients, weighted so that small instances count as much as large ones";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor gradient = context.Gradient();
        Tensor weights = context.Memory("weights", Shape.Matrix(gradient.Shape.N, gradient.Shape.C));
        GradCamPlusPlusWeights.Forward(context.Features, gradient, weights);
        return weights;
    }
}
