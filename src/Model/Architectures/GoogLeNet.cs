namespace GpuCam.Model;

/// <summary>
/// GoogLeNet (Szegedy et al., arXiv 1409.4842, table 1), as torchvision has it: with batch normalisations, without the two classifiers that
/// only help to train, and with kernels of 3x3 where the paper has 5x5. <c>googlenet-gap</c> is the surgery of arXiv 1512.04150: what lies
/// behind inception4e is cut off, a max-pool and two inception modules, which leaves maps of 14x14; <see cref="GapSurgery"/> is added. The
/// shapes are those of 224x224 images and 1,000 classes.
/// </summary>
internal static class GoogLeNet
{
    private const float Epsilon = 0.001f;

    // torchvision's weights come from TensorFlow: values from -1 to 1.
    private const string Inputs = "tf";

    /// <summary>Its rows of <see cref="Architectures.All"/>.</summary>
    public static IReadOnlyList<Architecture> Entries { get; } =
    [
        new("googlenet", Build) { LeastSize = 31, Preset = Inputs },
        new("googlenet-gap", BuildGap) { Head = GapSurgery.Head, LeastSize = 23, Preset = Inputs },
    ];

    private static Value Build(GraphBuilder graph, Value x, NetworkConfig config)
    {
        x = Features(graph, x);
        x = MaxPool(graph, "maxpool4", x, 2);                                           //  832@14x14 →  832@7x7
        x = Inception(graph, "inception5a", x, 256, (160, 320), (32, 128), 128);        //  832@7x7   →  832@7x7
        x = Inception(graph, "inception5b", x, 384, (192, 384), (48, 128), 128);        //  832@7x7   → 1024@7x7
        x = graph.GlobalPool(x, config.Pooling);                                        // 1024@7x7   → 1024
        x = graph.Dropout("dropout", x, 0.2f);
        return graph.Linear("fc", x, config.ClassCount, bias: true);                    // 1024       → 1000
    }

    private static Value BuildGap(GraphBuilder graph, Value x, NetworkConfig config) => GapSurgery.End(graph, Features(graph, x), config);

    /// <summary>As far as inception4e.</summary>
    private static Value Features(GraphBuilder graph, Value x)
    {
        x = Convolution(graph, "conv1", x, 64, 7, stride: 2);                           //   3@224x224 →  64@112x112
        x = MaxPool(graph, "maxpool1", x, 3);                                           //  64@112x112 →  64@56x56
        x = Convolution(graph, "conv2", x, 64, 1);                                      //  64@56x56   →  64@56x56
        x = Convolution(graph, "conv3", x, 192, 3);                                     //  64@56x56   → 192@56x56
        x = MaxPool(graph, "maxpool2", x, 3);                                           // 192@56x56   → 192@28x28
        x = Inception(graph, "inception3a", x, 64, (96, 128), (16, 32), 32);            // 192@28x28   → 256@28x28
        x = Inception(graph, "inception3b", x, 128, (128, 192), (32, 96), 64);          // 256@28x28   → 480@28x28
        x = MaxPool(graph, "maxpool3", x, 3);                                           // 480@28x28   → 480@14x14
        x = Inception(graph, "inception4a", x, 192, (96, 208), (16, 48), 64);           // 480@14x14   → 512@14x14
        x = Inception(graph, "inception4b", x, 160, (112, 224), (24, 64), 64);          // 512@14x14   → 512@14x14
        x = Inception(graph, "inception4c", x, 128, (128, 256), (24, 64), 64);          // 512@14x14   → 512@14x14
        x = Inception(graph, "inception4d", x, 112, (144, 288), (32, 64), 64);          // 512@14x14   → 528@14x14
        return Inception(graph, "inception4e", x, 256, (160, 320), (32, 128), 128);     // 528@14x14   → 832@14x14
    }

    /// <summary>
    /// Four ways of the same extents, one behind the other: a convolution of 1x1, two of 3x3 behind one of 1x1 that has fewer channels, and
    /// one of 1x1 behind a max-pool.
    /// </summary>
    private static Value Inception(
        GraphBuilder graph, string name, Value x, int plain, (int Fewer, int Out) second, (int Fewer, int Out) third, int pooled)
    {
        Value branch1 = Convolution(graph, $"{name}.branch1", x, plain, 1);
        Value branch2 = Convolution(graph, $"{name}.branch2.0", x, second.Fewer, 1);
        branch2 = Convolution(graph, $"{name}.branch2.1", branch2, second.Out, 3);
        Value branch3 = Convolution(graph, $"{name}.branch3.0", x, third.Fewer, 1);
        branch3 = Convolution(graph, $"{name}.branch3.1", branch3, third.Out, 3);
        Value branch4 = graph.MaxPool2D($"{name}.branch4.0", x, 3, stride: 1, pad: 1, ceil: true);
        branch4 = Convolution(graph, $"{name}.branch4.1", branch4, pooled, 1);
        return graph.Concat(name, branch1, branch2, branch3, branch4);
    }

    /// <summary>Convolution, batch normalisation and ReLU.</summary>
    private static Value Convolution(GraphBuilder graph, string name, Value x, int channels, int size, int stride = 1)
    {
        x = graph.Conv2D($"{name}.conv", x, channels, size, stride, pad: size / 2, bias: false);
        x = graph.BatchNorm($"{name}.bn", x, Epsilon);
        return graph.Relu(name, x);
    }

    private static Value MaxPool(GraphBuilder graph, string name, Value x, int size) =>
        graph.MaxPool2D(name, x, size, stride: 2, ceil: true);
}
