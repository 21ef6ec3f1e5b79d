using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Makes the maps of the images of a network's last forward pass, by any method, at any layer, each image for a class of its
/// own. Whatever a method does, afterwards the network is as after that pass. Owns the maps, not the network.
/// </summary>
public sealed class CamEngine : IDisposable
{
    private static readonly float[] s_brightness = [0.9f, 1, 1.1f];
    private readonly Network _network;
    private readonly ResizeMode _mode;
    private readonly CamMemory _memory;

    /// <summary>Maps of <paramref name="network"/>, which somebody else owns.</summary>
    /// <param name="network">Its last two layers must be a global pooling and a linear layer.</param>
    /// <param name="mode">How maps are enlarged to the image.</param>
    public CamEngine(Network network, ResizeMode mode = ResizeMode.HalfPixel)
    {
        ArgumentNullException.ThrowIfNull(network);
        IReadOnlyList<Layer> layers = network.Layers;
        if (layers.Count < 3 || layers[^2] is not (GlobalAveragePoolLayer or GlobalMaxPoolLayer) || layers[^1] is not LinearLayer)
        {
            throw new GpuCamException("class activation maps need a network that ends in a global pooling and one linear layer");
        }

        _network = network;
        _mode = mode;
        _memory = new CamMemory(network.Device);
        LayerNames = [.. layers.Take(layers.Count - 2).Select(layer => layer.Name)];
    }

    /// <summary>The layers that can be mapped, from the image on; the last is the pooled one.</summary>
    public IReadOnlyList<string> LayerNames { get; }

    /// <summary>The layer that is pooled: what is mapped unless another is asked for.</summary>
    public string PooledLayer => LayerNames[^1];

    /// <summary>Number of the next batch's first image in its data set: what is random depends on it, not on how batches are cut.</summary>
    public long FirstImage { get; set; }

    /// <summary>How maps are made less noisy.</summary>
    public CamSmoothing Smoothing { get; set; }

    /// <summary>Hears how many of how many copies of images a method has scored, in those that need scores.</summary>
    public Action<int, int>? Progress { get; set; }

    /// <summary>
    /// Throws a <see cref="GpuCamException"/> unless <paramref name="method"/> can map every one of <paramref name="layers"/>.
    /// </summary>
    public void Check(ICamMethod method, IReadOnlyList<string> layers)
    {
        if (Obstacle(method, layers) is { } obstacle)
        {
            throw new GpuCamException(obstacle);
        }
    }

    /// <summary>
    /// Why <paramref name="method"/> cannot map every one of <paramref name="layers"/> with this smoothing; null if it can.
    /// </summary>
    public string? Obstacle(ICamMethod method, IReadOnlyList<string> layers)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(layers);
        if (Smoothing == CamSmoothing.PrincipalComponent && method is not WeightedCam)
        {
            return $"method {method.Name} weights no channels, so there is no principal component of them; choose another smoothing or "
                + "method";
        }

        if (layers.Count == 0)
        {
            return "no layer to map; give at least one";
        }

        foreach (string layer in layers)
        {
            if (!LayerNames.Contains(layer))
            {
                return $"unknown layer '{layer}': maps can be made of {string.Join(", ", LayerNames)}";
            }

            if (method.Scope == CamScope.PooledLayer && layer != PooledLayer)
            {
                return $"layer '{layer}': method {method.Name} needs the layer that is pooled, {PooledLayer}";
            }
        }

        return null;
    }

    /// <summary>
    /// Raw maps, signed and before any ReLU, at the layer's resolution: [N, h, w, 1] (the images' resolution where the method
    /// looks at the whole network); valid until the next call.
    /// </summary>
    /// <param name="method">How.</param>
    /// <param name="layer">One of <see cref="LayerNames"/>.</param>
    /// <param name="classes">One class index per image.</param>
    public Tensor Map(ICamMethod method, string layer, ReadOnlySpan<int> classes)
    {
        Check(method, [layer]);
        CheckClasses(classes);
        Shape shape = _network.Activation(method.Scope == CamScope.WholeNetwork ? Network.InputName : layer).Shape.WithC(1);
        Tensor map = _memory.Get("map", shape);
        var context = new CamContext(_network, layer, classes, _memory) { Resize = _mode, FirstImage = FirstImage, Progress = Progress };
        if (Smoothing == CamSmoothing.Augmentation)
        {
            return Augment(method, context, map);
        }

        if (Smoothing == CamSmoothing.PrincipalComponent)
        {
            Project((WeightedCam)method, context, map);
        }
        else
        {
            method.Map(context, map);
        }

        return map;
    }

    /// <summary>Maps enlarged to the images, [N, H, W, 1]; valid until the next call.</summary>
    /// <param name="method">How.</param>
    /// <param name="layer">One of <see cref="LayerNames"/>.</param>
    /// <param name="classes">One class index per image.</param>
    /// <param name="rectify">Whether negative values become 0, before the map is enlarged, where the method says so; else maps are
    /// raw.</param>
    public Tensor MapToImage(ICamMethod method, string layer, ReadOnlySpan<int> classes, bool rectify = true) =>
        MapToImage(method, [layer], classes, rectify);

    /// <summary>
    /// Maps of several layers as one, [N, H, W, 1]: the mean of the layers' maps, each enlarged to the image and stretched to 0 … 1
    /// (all zeros if it is constant or not finite). Of one layer: its map, enlarged and not stretched. Valid until the next call.
    /// </summary>
    /// <param name="method">How.</param>
    /// <param name="layers">Some of <see cref="LayerNames"/>.</param>
    /// <param name="classes">One class index per image.</param>
    /// <param name="rectify">Whether negative values become 0, before a map is enlarged, where the method says so.</param>
    public Tensor MapToImage(ICamMethod method, IReadOnlyList<string> layers, ReadOnlySpan<int> classes, bool rectify = true)
    {
        Check(method, layers);
        if (layers.Count == 1 || method.Scope == CamScope.WholeNetwork)
        {
            return Enlarge(Map(method, layers[0], classes), rectify && method.Rectifies);
        }

        Tensor mean = _memory.Get("mean over layers", _network.Activation(Network.InputName).Shape.WithC(1));
        for (int i = 0; i < layers.Count; i++)
        {
            Tensor map = Enlarge(Map(method, layers[i], classes), rectify && method.Rectifies);
            MinMaxNormalize.Forward(map, map);
            if (i == 0)
            {
                ScaledCopy.Forward(map, mean, 1f / layers.Count, mirror: false);
            }
            else
            {
                ScaledCopy.Add(map, mean, 1f / layers.Count, mirror: false);
            }
        }

        return mean;
    }

    /// <summary>A raw map enlarged to the images, [N, H, W, 1]; valid until the next call.</summary>
    /// <param name="map">What <see cref="Map"/> returned; not changed.</param>
    /// <param name="rectify">Whether negative values become 0 first.</param>
    public Tensor Enlarge(Tensor map, bool rectify)
    {
        ArgumentNullException.ThrowIfNull(map);
        Tensor source = map;
        if (rectify)
        {
            source = _memory.Get("rectified map", map.Shape);
            Relu.Forward(map, source);
        }

        Tensor enlarged = _memory.Get("enlarged map", _network.Activation(Network.InputName).Shape.WithC(1));
        BilinearResize.Forward(source, enlarged, _mode);
        return enlarged;
    }

    /// <summary>Frees the maps and what the methods used.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>The mean map of variants of the images, all as the method makes them.</summary>
    private Tensor Augment(ICamMethod method, CamContext context, Tensor map)
    {
        Tensor images = context.Images, mean = _memory.Get("mean over variants", map.Shape);
        Tensor variant = _memory.Get("variant of the images", images.Shape);
        float share = 1f / (2 * s_brightness.Length);
        bool first = true;
        foreach (bool mirror in (bool[])[false, true])
        {
            foreach (float brightness in s_brightness)
            {
                ScaledCopy.Forward(images, variant, brightness, mirror);
                _network.Forward(variant);
                method.Map(context, map);
                if (first)
                {
                    ScaledCopy.Forward(map, mean, share, mirror);
                }
                else
                {
                    ScaledCopy.Add(map, mean, share, mirror);
                }

                first = false;
            }
        }

        _network.Forward(images);
        return mean;
    }

    private static void Project(WeightedCam method, CamContext context, Tensor map)
    {
        Tensor weights = method.Weights(context), features = context.Features;
        Tensor weighted = context.Memory("weighted features", features.Shape);
        ChannelScale.Forward(features, weights, weighted);
        PrincipalComponent.Project(context, weighted, map);
    }

    private void CheckClasses(ReadOnlySpan<int> classes)
    {
        int images = _network.Activation(Network.InputName).Shape.N;
        if (classes.Length != images)
        {
            throw new ArgumentException($"{classes.Length} classes for {images} images", nameof(classes));
        }

        foreach (int index in classes)
        {
            if (index < 0 || index >= _network.Config.ClassCount)
            {
                throw new GpuCamException(
                    $"class {index} is out of range: the network has {_network.Config.ClassCount} classes, counted from 0");
            }
        }
    }
}
