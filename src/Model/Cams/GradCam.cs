using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Grad-CAM (arXiv 1610.02391): a channel weighs <c>mean over pixels of dy/dA_k</c>, y the class's logit. At the pooled layer
/// that is <c>w_k / Z</c>, so the map is that of <see cref="ClassActivationMapping"/> over Z.
/// </summary>
public sealed class GradCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "gradcam";

    /// <inheritdoc/>
    public override string Description => "channels weighted by the mean gradient of the class's logit";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Average(context, context.Gradient(), 1);
    }

    /// <summary>The mean gradient of each channel times <paramref name="sign"/>, [N, 1, 1, K].</summary>
    internal static Tensor Average(CamContext context, Tensor gradient, float sign)
    {
        Tensor weights = context.Memory("weights", Shape.Matrix(gradient.Shape.N, gradient.Shape.C));
        GlobalAveragePool.Forward(gradient, weights, sign);
        return weights;
    }
}
