using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Eigen-CAM (arXiv 2008.00299): the features' projection on their first principal component. It knows no class: every class has
/// the same map.
/// </summary>
public sealed class EigenCam : ICamMethod
{
    /// <inheritdoc/>
    public string Name => "eigencam";

    /// <inheritdoc/>
    public string Description => "first principal component of the features; the same for every class";

    /// <inheritdoc/>
    public CamNeeds Needs => CamNeeds.Features;

    /// <inheritdoc/>
    public void Map(CamContext context, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(context);
        PrincipalComponent.Project(context, context.Features, map);
    }
}
