using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// The reference network: two convolutions, global average pooling and one linear layer, so that a class activation map
/// (Zhou et al., arXiv 1512.04150) is exact. Variants pool by the maximum, or leave the second max-pool out. The shapes below are
/// those of grey 100x100 images and ten classes.
/// </summary>
public static class LeNetCam
{
    /// <summary>The name that model files carry.</summary>
    public const string Architecture = "lenet-gap";

    /// <summary>A network with He-initialised weights (see <see cref="HeInitialization"/>) and zero biases.</summary>
    public static Network Create(IDevice device, NetworkConfig config, ulong seed)
    {
        Network network = CreateUninitialized(device, config);
        HeInitialization.Fill(network.Parameters, seed);
        return network;
    }

    internal static Network CreateUninitialized(IDevice device, NetworkConfig config)
    {
        config.Validate();
        (int first, int second, int size) = (config.Widths[0], config.Widths[1], config.KernelSize);
        Layer pooling = config.Pooling == GlobalPooling.Max
            ? new GlobalMaxPoolLayer(device, "gmp")
            : new GlobalAveragePoolLayer(device, "gap");
        Layer[] pool2 = config.Pools == 2 ? [new MaxPool2DLayer(device, "pool2", 2)] : [];
        Layer[] layers =
        [
            new Conv2DLayer(device, "conv1", config.Channels, first, size),                                     //  1@100x100 → 32@100x100
            new ReluLayer(device, "relu1"),
            new MaxPool2DLayer(device, "pool1", 2),                                                             // 32@100x100 → 32@50x50
            new Conv2DLayer(device, "conv2", first, second, size),                                              // 32@50x50   → 64@50x50
            new ReluLayer(device, "relu2"),
            .. pool2,                                                                                           // 64@50x50   → 64@25x25
            pooling,                                                                                            // 64@25x25   → 64
            new LinearLayer(device, "classifier", second, config.ClassCount, config.ClassifierBias),            // 64         → 10
        ];
        Parameter[] parameters = [.. layers.SelectMany(layer => layer.Parameters)];
        return new Network(device, config, layers) { Fused = FusedLeNetCam.Create(device, config, pooling, parameters) };
    }
}
