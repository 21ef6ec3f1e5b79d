using System.Globalization;

namespace GpuCam.Model;

/// <summary>
/// Residual networks of 18, 34 and 50 layers (He et al., arXiv 1512.03385, table 1), as torchvision has them: a bottleneck block steps by
/// two in its 3x3 convolution. <c>resnet18-cntk</c> is what CNTK, and ML.NET after it, calls ResNet-18: its last stage has a third block.
/// They end in global average pooling and one linear layer from the start, so nothing is cut. The shapes are those of <c>resnet18</c>,
/// 224x224 images and 1,000 classes.
/// </summary>
internal static class ResNet
{
    /// <summary>Its rows of <see cref="Architectures.All"/>.</summary>
    public static IReadOnlyList<Architecture> Entries { get; } =
    [
        Of("resnet18", [2, 2, 2, 2], bottleneck: false),
        Of("resnet34", [3, 4, 6, 3], bottleneck: false),
        Of("resnet50", [3, 4, 6, 3], bottleneck: true),
        Of("resnet18-cntk", [2, 2, 2, 3], bottleneck: false),
    ];

    // The last maps have a cell for 32x32 pixels.
    private static Architecture Of(string name, int[] blocks, bool bottleneck) =>
        new(name, (graph, x, config) => Build(graph, x, config, blocks, bottleneck)) { LeastSize = 32 };

    private static Value Build(GraphBuilder graph, Value x, NetworkConfig config, int[] blocks, bool bottleneck)
    {
        x = graph.Conv2D("conv1", x, 64, 7, stride: 2, pad: 3, bias: false);            //   3@224x224 →  64@112x112
        x = graph.BatchNorm("bn1", x);
        x = graph.Relu("relu", x);
        x = graph.MaxPool2D("maxpool", x, 3, stride: 2, pad: 1);                        //  64@112x112 →  64@56x56
        x = Stage(graph, "layer1", x, 64, blocks[0], stride: 1, bottleneck);            //  64@56x56   →  64@56x56
        x = Stage(graph, "layer2", x, 128, blocks[1], stride: 2, bottleneck);           //  64@56x56   → 128@28x28
        x = Stage(graph, "layer3", x, 256, blocks[2], stride: 2, bottleneck);           // 128@28x28   → 256@14x14
        x = Stage(graph, "layer4", x, 512, blocks[3], stride: 2, bottleneck);           // 256@14x14   → 512@7x7
        x = graph.GlobalPool(x, config.Pooling);                                        // 512@7x7     → 512
        return graph.Linear("fc", x, config.ClassCount, bias: true);                    // 512         → 1000
    }

    private static Value Stage(GraphBuilder graph, string name, Value x, int channels, int blocks, int stride, bool bottleneck)
    {
        for (int block = 0; block < blocks; block++)
        {
            string called = string.Create(CultureInfo.InvariantCulture, $"{name}.{block}");
            x = Block(graph, called, x, channels, block == 0 ? stride : 1, bottleneck);
        }

        return x;
    }

    /// <summary>
    /// <c>relu(F(x) + x)</c>: F is two convolutions of 3x3, or, as a bottleneck, one of 3x3 between two of 1x1, the latter with four times
    /// the channels. Where the extents change, a convolution of 1x1 stands in for x.
    /// </summary>
    private static Value Block(GraphBuilder graph, string name, Value x, int channels, int stride, bool bottleneck)
    {
        Value y;
        if (bottleneck)
        {
            y = Convolution(graph, name, 1, x, channels, 1, 1);
            y = graph.Relu($"{name}.relu1", y);
            y = Convolution(graph, name, 2, y, channels, 3, stride);
            y = graph.Relu($"{name}.relu2", y);
            y = Convolution(graph, name, 3, y, 4 * channels, 1, 1);
        }
        else
        {
            y = Convolution(graph, name, 1, x, channels, 3, stride);
            y = graph.Relu($"{name}.relu", y);
            y = Convolution(graph, name, 2, y, channels, 3, 1);
        }

        if (x.Shape != y.Shape)
        {
            x = graph.Conv2D($"{name}.downsample.0", x, y.Shape.C, 1, stride, pad: 0, bias: false);
            x = graph.BatchNorm($"{name}.downsample.1", x);
        }

        return graph.Relu(name, graph.Sum($"{name}.add", y, x));
    }

    private static Value Convolution(GraphBuilder graph, string name, int number, Value x, int channels, int size, int stride)
    {
        x = graph.Conv2D($"{name}.conv{number}", x, channels, size, stride, pad: size / 2, bias: false);
        return graph.BatchNorm($"{name}.bn{number}", x);
    }
}
