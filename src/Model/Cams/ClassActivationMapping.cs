using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Class activation mapping (arXiv 1512.04150): <c>sum_k w_k A_k</c> with the class's weights of the linear layer behind the global
/// pooling. Behind average pooling the map's mean plus the class's bias is the logit, which is why it keeps its sign.
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
        Shape shape = context.ClassifierWeight.Shape;
        float[] all = context.ClassifierWeight.ToArray();
        float[] weights = new float[context.Classes.Length * shape.N];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = all[(i % shape.N * shape.C) + context.Classes[i / shape.N]];
        }

        return context.Upload("weights", Shape.Matrix(context.Classes.Length, shape.N), weights);
    }

    /// <inheritdoc/>
    public override void Map(CamContext context, Tensor map)
    {
        // One op that looks the weights up itself: the map costs little more than reading the features.
        ArgumentNullException.ThrowIfNull(context);
        ClassActivationMap.Forward(context.Features, context.ClassifierWeight, context.DeviceClasses(), map);
    }
}
