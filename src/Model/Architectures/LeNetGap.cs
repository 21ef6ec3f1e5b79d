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

    /// <summary>Its row of <see cref="Architectures.All"/>.</summary>
    internal static Architecture Entry { get; } =
        new(Architecture, Build) { LeastSize = 2, Head = "classifier", Preset = "none", CheckOptions = CheckOptions };

    /// <summary>The network, without weights.</summary>
    /// <exception cref="GpuCamException">The configuration is impossible.</exception>
    public static Network Describe(NetworkConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Architectures.Describe(config with { Architecture = Architecture });
    }

    /// <summary>The network on a device, as <see cref="Architectures.Create"/> makes it.</summary>
    public static Execution Create(IDevice device, NetworkConfig config, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Architectures.Create(device, config with { Architecture = Architecture }, seed);
    }

    private static Value Build(GraphBuilder graph, Value x, NetworkConfig config)
    {
        (int first, int second, int size) = (config.Widths[0], config.Widths[1], config.KernelSize);
        x = graph.Conv2D("conv1", x, first, size);                                           //  1@100x100 → 32@100x100
        x = graph.Relu("relu1", x);
        x = graph.MaxPool2D("pool1", x, 2);                                                  // 32@100x100 → 32@50x50
        x = graph.Conv2D("conv2", x, second, size);                                          // 32@50x50   → 64@50x50
        x = graph.Relu("relu2", x);
        x = config.Pools == 2 ? graph.MaxPool2D("pool2", x, 2) : x;                          // 64@50x50   → 64@25x25
        x = graph.GlobalPool(x, config.Pooling);                                             // 64@25x25   → 64
        return graph.Linear("classifier", x, config.ClassCount, config.ClassifierBias);      // 64         → 10
    }

    private static void CheckOptions(NetworkConfig config)
    {
        NetworkConfig.Check(config.Pools is 1 or 2, $"this network has 1 or 2 pools, not {config.Pools}");
        NetworkConfig.Check(config.Size >= 1 << config.Pools,
            $"images for {(config.Pools == 1 ? "one pool" : "two pools")} of 2 must have at least {1 << config.Pools} pixels a side, "
                + $"not {config.Size}");
        NetworkConfig.Check(
            config.Widths.Count == 2, $"this network has 2 convolutions, so it needs 2 widths, not {config.Widths.Count}");
        foreach (int width in config.Widths)
        {
            NetworkConfig.Check(width >= 1, $"a convolution needs at least 1 output channel, not {width}");
        }

        NetworkConfig.Check(config.KernelSize >= 1 && config.KernelSize % 2 == 1, $"the kernel size must be odd, not {config.KernelSize}");
    }
}
