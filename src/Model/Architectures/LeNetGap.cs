using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// The reference network: two convolutions, global average pooling and one linear layer, so that a class activation map
/// (Zhou et al., arXiv 1512.04150) is exact. Variants pool by the maximum, or leave the second max-pool out. The shapes below are
/// those of grey 100x100 images and ten classes.
/// </summary>
public static class LeNetGap
{
    /// <summary>The name that model files carry.</summary>
    public const string Architecture = "lenet-gap";

    /// <summary>The network, without weights.</summary>
    /// <exception cref="GpuCamException">The configuration is impossible.</exception>
    public static Network Describe(NetworkConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        (int first, int second, int size) = (config.Widths[0], config.Widths[1], config.KernelSize);
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, config.Size, config.Size, config.Channels));
        x = graph.Conv2D("conv1", x, first, size);                                           //  1@100x100 → 32@100x100
        x = graph.Relu("relu1", x);
        x = graph.MaxPool2D("pool1", x, 2);                                                  // 32@100x100 → 32@50x50
        x = graph.Conv2D("conv2", x, second, size);                                          // 32@50x50   → 64@50x50
        x = graph.Relu("relu2", x);
        x = config.Pools == 2 ? graph.MaxPool2D("pool2", x, 2) : x;                          // 64@50x50   → 64@25x25
        x = graph.GlobalPool(config.Pooling == GlobalPooling.Max ? "gmp" : "gap", x, config.Pooling);  // 64@25x25 → 64
        x = graph.Linear("classifier", x, config.ClassCount, config.ClassifierBias);         // 64         → 10
        return new Network(graph.Build(x), config.ClassNames)
        {
            Config = config,
            Preprocessing = Preprocessing.Preset("unit") with { Fit = PictureFit.None, Height = config.Size, Width = config.Size },
        };
    }

    /// <summary>The network on a device, with He-initialised weights (see <see cref="HeInitialization"/>) and zero biases.</summary>
    public static Execution Create(IDevice device, NetworkConfig config, ulong seed)
    {
        var execution = new Execution(device, Describe(config));
        HeInitialization.Fill(execution.Saved, seed);
        return execution;
    }
}
