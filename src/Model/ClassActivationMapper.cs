using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Class activation maps (arXiv 1512.04150) of a network that ends in global pooling and one linear layer: the feature maps, summed
/// with the class's weights. They are raw: signed, neither clipped nor normalised, so that behind average pooling their mean (before the
/// resize) plus the class's bias is the class's logit. Behind max pooling each map counts with its maximum alone, and that does not hold.
/// </summary>
public sealed class ClassActivationMapper : IDisposable
{
    private readonly Network _network;
    private readonly ResizeMode _mode;
    private readonly LinearLayer _classifier;
    private readonly ReusedIntegers _classes;
    private readonly ReusedTensor _maps;
    private readonly ReusedTensor _resized;

    /// <summary>Maps of <paramref name="network"/>, which somebody else owns.</summary>
    /// <param name="network">Its last two layers must be global pooling (average or max) and linear.</param>
    /// <param name="mode">How maps are enlarged to the image.</param>
    public ClassActivationMapper(Network network, ResizeMode mode = ResizeMode.HalfPixel)
    {
        ArgumentNullException.ThrowIfNull(network);
        IReadOnlyList<Layer> layers = network.Layers;
        if (layers.Count < 3 || layers[^2] is not (GlobalAveragePoolLayer or GlobalMaxPoolLayer) || layers[^1] is not LinearLayer classifier)
            throw new GpuCamException("class activation maps need a network that ends in global pooling and one linear layer");
        _network = network;
        _mode = mode;
        _classifier = classifier;
        FeatureLayer = layers[^3].Name;
        _classes = new ReusedIntegers(network.Device);
        _maps = new ReusedTensor(network.Device, "cam");
        _resized = new ReusedTensor(network.Device, "resized cam");
    }

    /// <summary>The layer whose output is pooled, and therefore mapped.</summary>
    public string FeatureLayer { get; }

    /// <summary>Maps at the features' resolution, [N, h, w, 1], of the images of the network's last forward pass; valid until the next call.</summary>
    /// <param name="classes">One class index per image.</param>
    public Tensor Map(ReadOnlySpan<int> classes)
    {
        Tensor features = _network.Activation(FeatureLayer);
        if (classes.Length != features.Shape.N)
            throw new ArgumentException($"{classes.Length} classes for {features.Shape.N} images", nameof(classes));
        foreach (int index in classes)
        {
            if (index < 0 || index >= _network.Config.ClassCount)
                throw new GpuCamException($"class {index} is out of range: the network has {_network.Config.ClassCount} classes, counted from 0");
        }

        DeviceBuffer<int> deviceClasses = _classes.Get(classes.Length);
        deviceClasses.CopyFrom(classes);
        Tensor maps = _maps.Get(features.Shape.WithC(1));
        ClassActivationMap.Forward(features, _classifier.Weight.Value, deviceClasses, maps);
        return maps;
    }

    /// <summary>Maps enlarged to the images, [N, H, W, 1]; valid until the next call.</summary>
    /// <param name="classes">One class index per image.</param>
    public Tensor MapToImage(ReadOnlySpan<int> classes)
    {
        Tensor maps = Map(classes);
        Shape image = _network.Activation(Network.InputName).Shape;
        Tensor resized = _resized.Get(image.WithC(1));
        BilinearResize.Forward(maps, resized, _mode);
        return resized;
    }

    /// <summary>Frees the maps.</summary>
    public void Dispose()
    {
        _classes.Dispose();
        _maps.Dispose();
        _resized.Dispose();
    }
}
