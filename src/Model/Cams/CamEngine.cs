using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Makes the maps of the images of a network's last forward pass, by any method, at any layer, each image for a class of its
/// own. Whatever a method does, afterwards the network is as after that pass, unless it is cancelled. Owns the maps, not the network. Not
/// for two threads at once, nor beside anything else that uses the network: <see cref="Explainer"/> is.
/// </summary>
public sealed class CamEngine : IDisposable
{
    private readonly Execution _execution;
    private readonly ResizeMode _mode;
    private readonly CamMemory _memory;

    /// <summary>Maps of <paramref name="execution"/>, which somebody else owns.</summary>
    /// <param name="execution">A network with at least one value that has a place in the image.</param>
    /// <param name="mode">How maps are enlarged to the image.</param>
    public CamEngine(Execution execution, ResizeMode mode = ResizeMode.HalfPixel)
    {
        ArgumentNullException.ThrowIfNull(execution);
        _execution = execution;
        _mode = mode;
        _memory = new CamMemory(execution.Device);
        LayerNames = [.. execution.Network.MappableValues.Select(value => value.Name)];
        DefaultLayer = (execution.Network.DefaultValue ?? throw new GpuCamException(
            "this network has no feature maps before its output: there is nothing to map")).Name;
    }

    /// <summary>The layers that can be mapped, from the image on.</summary>
    public IReadOnlyList<string> LayerNames { get; }

    /// <summary>
    /// What is mapped unless another layer is asked for: the one that is pooled, or else the last with a place in the image.
    /// </summary>
    public string DefaultLayer { get; }

    /// <summary>
    /// Numbers of the next batch's images in their data set, 0, 1, … where none are told: what is random depends on them, not on how
    /// batches are cut.
    /// </summary>
    public IReadOnlyList<int> ImageNumbers { get; set; } = [];

    /// <summary>How maps are made less noisy.</summary>
    public CamSmoothing Smoothing { get; set; }

    /// <summary>Which number of a class is explained.</summary>
    public CamTarget Target { get; set; }

    /// <summary>
    /// Hears how many of how many copies of images have been scored, in methods that need scores; of all layers and variants of a map.
    /// </summary>
    public Action<int, int>? Progress { get; set; }

    /// <summary>
    /// Ends the work between two passes with an <see cref="OperationCanceledException"/>. What is mapped next then needs a forward pass
    /// before.
    /// </summary>
    public CancellationToken Token { get; set; }

    /// <summary>The layers that <see cref="CamMethods.TitleOf"/> names; whether there are such, <see cref="Check"/> tells.</summary>
    public string[] LayersOf(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return LayerNames.Contains(title) ? [title] : title.Split('+');
    }

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

        if (method.Scope == CamScope.PooledLayer && _execution.Network.Tail is null)
        {
            return $"method {method.Name} needs a network that ends in global pooling and at most one linear layer, and this one ends in "
                + $"{_execution.Network.Ending}; give --method gradcam, hirescam or another";
        }

        if (layers.Count == 0)
        {
            return "no layer to map; give at least one";
        }

        foreach (string layer in layers)
        {
            if (!LayerNames.Contains(layer))
            {
                return NoSuchLayer(layer);
            }

            if (method.Scope == CamScope.PooledLayer && layer != DefaultLayer)
            {
                return $"layer '{layer}': method {method.Name} needs the layer that is pooled, {DefaultLayer}";
            }
        }

        return null;
    }

    /// <summary>Why a layer cannot be mapped: there is none of that name, or it has no place in the image.</summary>
    public string NoSuchLayer(string layer) => _execution.Graph.Has(layer)
        ? $"layer '{layer}' has no place in the image: maps can be made of {NameList.Of(LayerNames)}"
        : $"unknown layer '{layer}': maps can be made of {NameList.Of(LayerNames)}";

    /// <summary>
    /// Raw maps, signed and before any ReLU, at the layer's resolution: [N, h, w, 1] (the images' resolution where the method
    /// looks at the whole network); valid until the next call.
    /// </summary>
    /// <param name="method">How.</param>
    /// <param name="layer">One of <see cref="LayerNames"/>.</param>
    /// <param name="classes">One class index per image.</param>
    /// <exception cref="GpuCamException">The method cannot map that layer, or a class is out of range.</exception>
    public Tensor Map(ICamMethod method, string layer, ReadOnlySpan<int> classes) => MapPart(method, layer, classes, 0, 1);

    /// <summary>The same as one part of the map that is wanted.</summary>
    private Tensor MapPart(ICamMethod method, string layer, ReadOnlySpan<int> classes, int part, int parts)
    {
        Check(method, [layer]);
        Token.ThrowIfCancellationRequested();
        CheckClasses(classes);
        Shape shape = _execution.Activation(method.Scope == CamScope.WholeNetwork ? Input : layer).Shape.WithC(1);
        Tensor map = _memory.Get("map", shape);
        var context = new CamContext(_execution, layer, classes, _memory)
        {
            Resize = _mode, Numbers = ImageNumbers, Score = new ClassScore(Target), Progress = Progress, Token = Token,
            Part = part, Parts = parts,
        };
        if (Smoothing == CamSmoothing.Augmentation)
        {
            return CamAugmentation.Mean(method, context, map);
        }

        if (Smoothing == CamSmoothing.PrincipalComponent)
        {
            PrincipalComponent.Map((WeightedCam)method, context, map);
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

        Tensor mean = _memory.Get("mean over layers", _execution.Activation(Input).Shape.WithC(1));
        for (int i = 0; i < layers.Count; i++)
        {
            Tensor map = Enlarge(MapPart(method, layers[i], classes, i, layers.Count), rectify && method.Rectifies);
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

        Tensor enlarged = _memory.Get("enlarged map", _execution.Activation(Input).Shape.WithC(1));
        BilinearResize.Forward(source, enlarged, _mode);
        return enlarged;
    }

    /// <summary>Frees the maps and what the methods used.</summary>
    public void Dispose() => _memory.Dispose();

    private string Input => _execution.Graph.Input.Name;

    private void CheckClasses(ReadOnlySpan<int> classes)
    {
        int images = _execution.Activation(Input).Shape.N, count = _execution.Network.ClassCount;
        if (classes.Length != images)
        {
            throw new ArgumentException($"{classes.Length} classes for {images} images", nameof(classes));
        }

        foreach (int index in classes)
        {
            if (index < 0 || index >= count)
            {
                throw new GpuCamException(
                    $"class {index} is out of range: the network has {count} classes, counted from 0");
            }
        }
    }
}
