using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A method whose map is a weighted sum of the layer's channels, <c>sum_k weight_k A_k</c>; most are.</summary>
public abstract class WeightedCam : ICamMethod
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Description { get; }

    /// <inheritdoc/>
    public abstract CamNeeds Needs { get; }

    /// <inheritdoc/>
    public virtual CamScope Scope => CamScope.AnyLayer;

    /// <inheritdoc/>
    public virtual bool Rectifies => true;

    /// <summary>The weights, [N, 1, 1, K] or, where every pixel has its own, [N, h, w, K]; valid until the next call.</summary>
    public abstract Tensor Weights(CamContext context);

    /// <inheritdoc/>
    public virtual void Map(CamContext context, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Weights first: making them may run the network, which writes the features anew.
        Tensor weights = Weights(context);
        ChannelWeightedSum.Forward(context.Features, weights, map);
    }
}
