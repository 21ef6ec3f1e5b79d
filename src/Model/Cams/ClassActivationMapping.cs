using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Class activation mapping (arXiv 1512.04150): <c>sum_k w_k A_k</c> with the class's weights of the linear layer behind the global
/// pooling; without such a layer, the class's channel itself. Behind average pooling the map's mean plus the class's bias is the logit,
/// which is why it keeps its sign.
/// </summary>
public sealed class ClassActivationMapping : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "cam";

    /// <inheritdoc/>
    public override string Description => "the class's weights times the pooled features; signed and exact";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Features;

    /// <inheritdoc/>
    public override CamScope Scope => CamScope.PooledLayer;

    /// <inheritdoc/>
    public override bool Rectifies => false;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int images = context.Classes.Length;
        Tensor directions = context.Upload("directions", Shape.Matrix(images, context.LogitCount), context.Directions());
        if (context.ClassifierWeight is not { } classifier)
        {
            return directions;
        }

        Tensor weights = context.Memory("weights", Shape.Matrix(images, classifier.Shape.N));
        Linear.BackwardData(directions, classifier, weights);
        return weights;
    }

    /// <inheritdoc/>
    public override void Map(CamContext context, Tensor map)
    {
        // For a logit one op that looks the weights up itself: the map costs little more than reading the features.
        ArgumentNullException.ThrowIfNull(context);
        if (context.Score.Target == CamTarget.Logit && context.LogitCount > 1 && context.ClassifierWeight is { } classifier)
        {
            ClassActivationMap.Forward(context.Features, classifier, context.DeviceClasses(), map);
        }
        else
        {
            base.Map(context, map);
        }
    }
}
