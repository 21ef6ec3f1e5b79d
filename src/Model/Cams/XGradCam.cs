using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>XGrad-CAM (arXiv 2008.02312): see <see cref="XGradCamWeights"/> for the weights.</summary>
public sealed class XGradCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "xgradcam";

    /// <inheritdoc/>
    public override string Description => "channels weighted by the gradient's mean where they are active";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor gradient = context.Gradient();
        Tensor weights = context.Memory("weights", Shape.Matrix(gradient.Shape.N, gradient.Shape.C));
        XGradCamWeights.Forward(context.Features, gradient, weights);
        return weights;
    }
}
