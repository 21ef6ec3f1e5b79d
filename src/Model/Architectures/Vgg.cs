using System.Globalization;

namespace GpuCam.Model;

/// <summary>
/// VGG with 11 and with 16 layers (Simonyan and Zisserman, arXiv 1409.1556, table 1, columns A and D), as torchvision has it. The ones
/// that end in <c>-gap</c> are the surgery of arXiv 1512.04150: what lies behind conv5-3 (of 11 layers conv5-2) and its ReLU is cut off,
/// the fifth max-pool and three linear layers, which leaves maps of 14x14; <see cref="GapSurgery"/> is added. The shapes are those of
/// 224x224 images.
/// </summary>
internal static class Vgg
{
    private const float Rate = 0.5f;
    private const int Pool = 0;

    private static readonly int[] s_eleven =
    [
        64, Pool,                           //   3@224x224 →  64@112x112
        128, Pool,                          //  64@112x112 → 128@56x56
        256, 256, Pool,                     // 128@56x56   → 256@28x28
        512, 512, Pool,                     // 256@28x28   → 512@14x14
        512, 512, Pool,                     // 512@14x14   → 512@7x7
    ];

    private static readonly int[] s_sixteen =
    [
        64, 64, Pool,                       //   3@224x224 →  64@112x112
        128, 128, Pool,                     //  64@112x112 → 128@56x56
        256, 256, 256, Pool,                // 128@56x56   → 256@28x28
        512, 512, 512, Pool,                // 256@28x28   → 512@14x14
        512, 512, 512, Pool,                // 512@14x14   → 512@7x7
    ];

    /// <summary>Its rows of <see cref="Architectures.All"/>.</summary>
    public static IReadOnlyList<Architecture> Entries { get; } =
        [Plain("vgg11", s_eleven), Plain("vgg16", s_sixteen), Gap("vgg11-gap", s_eleven), Gap("vgg16-gap", s_sixteen)];

    // Linear layers read 7x7 maps, which is what images of these sizes become: torchvision's adaptive pooling changes nothing of those.
    private static Architecture Plain(string name, int[] layers) =>
        new(name, (graph, x, config) => LinearEnd(graph, Features(graph, x, layers), config))
        {
            Head = "classifier.6",
            LeastSize = 224,
            MostSize = 255,
            IsPooled = false,
        };

    private static Architecture Gap(string name, int[] layers) =>
        new(name, (graph, x, config) => GapSurgery.End(graph, Features(graph, x, layers[..^1]), config))
        {
            Head = GapSurgery.Head,
            LeastSize = 16,
        };

    private static Value LinearEnd(GraphBuilder graph, Value x, NetworkConfig config)
    {
        x = graph.Flatten("flatten", x);                                        //  512@7x7    → 25088
        x = graph.Linear("classifier.0", x, 4096, bias: true);                  // 25088       → 4096
        x = graph.Relu("classifier.1", x);
        x = graph.Dropout("classifier.2", x, Rate);
        x = graph.Linear("classifier.3", x, 4096, bias: true);                  // 4096        → 4096
        x = graph.Relu("classifier.4", x);
        x = graph.Dropout("classifier.5", x, Rate);
        return graph.Linear("classifier.6", x, config.ClassCount, bias: true);  // 4096        → 1000
    }

    /// <summary>Convolutions of 3x3 with so many channels, each with its ReLU, and max-pools of 2x2.</summary>
    private static Value Features(GraphBuilder graph, Value x, int[] layers)
    {
        int index = 0;
        foreach (int channels in layers)
        {
            if (channels == Pool)
            {
                x = graph.MaxPool2D(Next(), x, 2);
                continue;
            }

            x = graph.Conv2D(Next(), x, channels, 3, stride: 1, pad: 1);
            x = graph.Relu(Next(), x);
        }

        return x;

        string Next() => string.Create(CultureInfo.InvariantCulture, $"features.{index++}");
    }
}
