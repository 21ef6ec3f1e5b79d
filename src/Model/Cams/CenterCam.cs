using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>The map of <see cref="CenterMap"/>, whatever the image: the localisation baseline (arXiv 2001.07437).</summary>
public sealed class CenterCam : ICamMethod
{
    /// <inheritdoc/>
    public string Name => "center";

    /// <inheritdoc/>
    public string Description => "baseline: a Gaussian in the middle, whatever the image";

    /// <inheritdoc/>
    public CamNeeds Needs => CamNeeds.Features;

    /// <inheritdoc/>
    public CamScope Scope => CamScope.WholeNetwork;

    /// <inheritdoc/>
    public bool Rectifies => false;

    /// <inheritdoc/>
    public void Map(CamContext context, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        float[] center = CenterMap.Create(map.Shape.W, map.Shape.H);
        float[] all = new float[map.Count];
        for (int n = 0; n < map.Shape.N; n++)
        {
            center.CopyTo(all, n * center.Length);
        }

        map.CopyFrom(all);
    }
}
