using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What a method computes besides the forward pass that the logits come from: its cost, in ascending order.</summary>
public enum CamNeeds
{
    /// <summary>Nothing: the features of that pass are enough.</summary>
    Features,

    /// <summary>A backward pass from the logits down to the layer.</summary>
    Gradient,

    /// <summary>The logits of many changed copies of each image.</summary>
    Scores,
}

/// <summary>Which layers a method can map.</summary>
public enum CamScope
{
    /// <summary>Any layer before the global pooling.</summary>
    AnyLayer,

    /// <summary>Only the one that is pooled.</summary>
    PooledLayer,

    /// <summary>No single one: the map has the images' size, and the layer that is asked for does not matter.</summary>
    WholeNetwork,
}

/// <summary>
/// A way to make a map of where a network sees a class. A method holds settings and no memory: one can serve any number of
/// engines. To add one, implement this (or <see cref="WeightedCam"/>) from ops and list it in <see cref="CamMethods"/>.
/// </summary>
public interface ICamMethod
{
    /// <summary>What the command line calls it, in lower case.</summary>
    string Name { get; }

    /// <summary>One line for a list of methods.</summary>
    string Description { get; }

    /// <summary>What it costs.</summary>
    CamNeeds Needs { get; }

    /// <summary>What it can map.</summary>
    CamScope Scope => CamScope.AnyLayer;

    /// <summary>Whether the method ends with a ReLU: what is below 0 is no evidence for the class and not shown.</summary>
    bool Rectifies => true;

    /// <summary>Writes the raw, signed maps of the images of the network's last forward pass, before any ReLU.</summary>
    /// <param name="context">Network, layer, classes and memory.</param>
    /// <param name="map">One map per image, [N, h, w, 1]: of the layer's extents or, for the whole network, the images'.</param>
    void Map(CamContext context, Tensor map);
}
