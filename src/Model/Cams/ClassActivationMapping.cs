using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Class activation mapping (arXiv 1512.04150): <c>sum_k w_k A_k</c> with the class's weights of the linear layer behind the global
/// pooling. Behind average pooling the map's mean plus the class's bias is the logit, which is why it keeps its sign.
/// </summary>
public sealed class ClassActivationMapping : ICamMethod
{
    /// <inheritdoc/>
    public string Name => "cam";

    /// <inheritdoc/>
    public string Description => "the class's weights times the pooled features; signed and exact";

    /// <inheritdoc/>
    public CamNeeds Needs => CamNeeds.Features;

    /// <inheritdoc/>
    public CamScope Scope => CamScope.PooledLayer;

    /// <inheritdoc/>
    public bool Rectifies => false;

    /// <inheritdoc/>
    public void Map(CamContext context, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(context);
        ClassActivationMap.Forward(context.Features, context.ClassifierWeight, context.DeviceClasses(), map);
    }
}
