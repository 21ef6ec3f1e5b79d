namespace GpuCam.Model;

/// <summary>
/// AlexNet in the form of Krizhevsky's "One weird trick" (arXiv 1404.5997), as torchvision has it. <c>alexnet-gap</c> is the paper's
/// surgery: what lies behind conv5 and its ReLU (<c>features.11</c>) is cut off, the last max-pool and three linear layers, which leaves
/// maps of 13x13; <see cref="GapSurgery"/> is added. The shapes are those of 224x224 images and 1,000 classes.
/// </summary>
internal static class AlexNet
{
    private const float Rate = 0.5f;

    /// <summary>Its rows of <see cref="Architectures.All"/>.</summary>
    public static IReadOnlyList<Architecture> Entries { get; } =
    [
        // Linear layers read 6x6 maps, which is what images of these sizes become: torchvision's adaptive pooling changes nothing of those.
        new("alexnet", Build) { Head = "classifier.6", LeastSize = 223, MostSize = 254, IsPooled = false },
        new("alexnet-gap", BuildGap) { Head = GapSurgery.Head, LeastSize = 31 },
    ];

    private static Value Build(GraphBuilder graph, Value x, NetworkConfig config)
    {
        x = Features(graph, x);
        x = graph.MaxPool2D("features.12", x, 3, stride: 2);                    //  256@13x13 → 256@6x6
        x = graph.Flatten("flatten", x);                                        //  256@6x6    → 9216
        x = graph.Dropout("classifier.0", x, Rate);
        x = graph.Linear("classifier.1", x, 4096, bias: true);                  // 9216        → 4096
        x = graph.Relu("classifier.2", x);
        x = graph.Dropout("classifier.3", x, Rate);
        x = graph.Linear("classifier.4", x, 4096, bias: true);                  // 4096        → 4096
        x = graph.Relu("classifier.5", x);
        return graph.Linear("classifier.6", x, config.ClassCount, bias: true);  // 4096        → 1000
    }

    private static Value BuildGap(GraphBuilder graph, Value x, NetworkConfig config) => GapSurgery.End(graph, Features(graph, x), config);

    /// <summary>The convolutions, as far as the ReLU of the fifth.</summary>
    private static Value Features(GraphBuilder graph, Value x)
    {
        x = graph.Conv2D("features.0", x, 64, 11, stride: 4, pad: 2);           //   3@224x224 →  64@55x55
        x = graph.Relu("features.1", x);
        x = graph.MaxPool2D("features.2", x, 3, stride: 2);                     //  64@55x55   →  64@27x27
        x = graph.Conv2D("features.3", x, 192, 5, stride: 1, pad: 2);           //  64@27x27   → 192@27x27
        x = graph.Relu("features.4", x);
        x = graph.MaxPool2D("features.5", x, 3, stride: 2);                     // 192@27x27   → 192@13x13
        x = graph.Conv2D("features.6", x, 384, 3, stride: 1, pad: 1);           // 192@13x13   → 384@13x13
        x = graph.Relu("features.7", x);
        x = graph.Conv2D("features.8", x, 256, 3, stride: 1, pad: 1);           // 384@13x13   → 256@13x13
        x = graph.Relu("features.9", x);
        x = graph.Conv2D("features.10", x, 256, 3, stride: 1, pad: 1);          // 256@13x13   → 256@13x13
        return graph.Relu("features.11", x);
    }
}
