namespace GpuCam.Model;

/// <summary>
/// SqueezeNet 1.1 (Iandola et al., arXiv 1602.07360), as torchvision's <c>squeezenet1_1</c>: its last convolution has a channel for each
/// class, and the mean of that is the logit, so nothing is cut and the maps are the evidence itself. The shapes are those of 224x224
/// images and 1,000 classes.
/// </summary>
internal static class SqueezeNet
{
    /// <summary>Its row of <see cref="Architectures.All"/>.</summary>
    public static Architecture Entry { get; } = new("squeezenet", Build) { Head = "classifier.1", LeastSize = 25 };

    private static Value Build(GraphBuilder graph, Value x, NetworkConfig config)
    {
        x = graph.Conv2D("features.0", x, 64, 3, stride: 2, pad: 0);                        //   3@224x224 →   64@111x111
        x = graph.Relu("features.1", x);
        x = graph.MaxPool2D("features.2", x, 3, stride: 2, ceil: true);                     //  64@111x111 →   64@55x55
        x = Fire(graph, "features.3", x, 16, 64);                                           //  64@55x55   →  128@55x55
        x = Fire(graph, "features.4", x, 16, 64);                                           // 128@55x55   →  128@55x55
        x = graph.MaxPool2D("features.5", x, 3, stride: 2, ceil: true);                     // 128@55x55   →  128@27x27
        x = Fire(graph, "features.6", x, 32, 128);                                          // 128@27x27   →  256@27x27
        x = Fire(graph, "features.7", x, 32, 128);                                          // 256@27x27   →  256@27x27
        x = graph.MaxPool2D("features.8", x, 3, stride: 2, ceil: true);                     // 256@27x27   →  256@13x13
        x = Fire(graph, "features.9", x, 48, 192);                                          // 256@13x13   →  384@13x13
        x = Fire(graph, "features.10", x, 48, 192);                                         // 384@13x13   →  384@13x13
        x = Fire(graph, "features.11", x, 64, 256);                                         // 384@13x13   →  512@13x13
        x = Fire(graph, "features.12", x, 64, 256);                                         // 512@13x13   →  512@13x13
        x = graph.Dropout("classifier.0", x, 0.5f);
        x = graph.Conv2D("classifier.1", x, config.ClassCount, 1, stride: 1, pad: 0);       // 512@13x13   → 1000@13x13
        x = graph.Relu("classifier.2", x);
        return graph.GlobalPool(x, config.Pooling);                                         // 1000@13x13  → 1000
    }

    /// <summary>A convolution of 1x1 with few channels, and behind it one of 1x1 and one of 3x3, one behind the other.</summary>
    private static Value Fire(GraphBuilder graph, string name, Value x, int squeezed, int expanded)
    {
        x = graph.Conv2D($"{name}.squeeze", x, squeezed, 1, stride: 1, pad: 0);
        x = graph.Relu($"{name}.squeeze_activation", x);
        Value narrow = graph.Conv2D($"{name}.expand1x1", x, expanded, 1, stride: 1, pad: 0);
        narrow = graph.Relu($"{name}.expand1x1_activation", narrow);
        Value wide = graph.Conv2D($"{name}.expand3x3", x, expanded, 3, stride: 1, pad: 1);
        wide = graph.Relu($"{name}.expand3x3_activation", wide);
        return graph.Concat(name, narrow, wide);
    }
}
