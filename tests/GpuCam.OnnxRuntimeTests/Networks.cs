using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Small networks whose files are tried: those of this program, and what is typical of others.</summary>
internal static class Networks
{
    private const int Classes = 5, MostParameters = 30_000_000;

    /// <summary>This program's own, but for those of very many weights, which have a sister that ends in -gap.</summary>
    public static IReadOnlyList<string> Architectures { get; } =
    [
        .. GpuCam.Model.Architectures.All.Where(architecture =>
            GpuCam.Model.Architectures.Describe(Config(architecture)).Graph.ParameterCount < MostParameters)
            .Select(architecture => architecture.Name),
    ];

    /// <summary>What else there is.</summary>
    public static IReadOnlyList<string> Others { get; } = ["mobile", "residual", "gated", "attention", "one-logit", "no-tail"];

    /// <summary>A network by name, with random weights.</summary>
    public static Execution Create(IDevice device, string name)
    {
        if (GpuCam.Model.Architectures.Names.Contains(name))
        {
            return GpuCam.Model.Architectures.Create(device, Config(GpuCam.Model.Architectures.Find(name)), seed: 3);
        }

        var graph = new GraphBuilder();
        Value image = graph.Input(GraphLayers.Image, new Shape(1, 34, 30, 3));
        Value logits = name switch
        {
            "mobile" => Mobile(graph, image),
            "residual" => Residual(graph, image),
            "gated" => Gated(graph, image),
            "attention" => Attention(graph, image),
            "one-logit" => graph.Linear("logits", graph.GlobalPool(Stem(graph, image), GlobalPooling.Average), 1, bias: true),
            _ => graph.Linear("logits", graph.Flatten("flat", Stem(graph, image)), Classes, bias: true),
        };
        string[] classes = [.. Enumerable.Range(0, ClassScore.ClassCount(logits.Shape.C)).Select(c => $"c{c}")];
        var execution = new Execution(device, new Network(graph.Build(logits), classes));
        HeInitialization.Fill(execution.Saved, 4);
        foreach (Parameter vector in execution.Saved.Where(parameter => parameter.Shape.Count == parameter.Shape.C))
        {
            // A normalisation that does something, and biases that shift.
            bool positive = vector.Start == 1;
            vector.Value.CopyFrom(Made.Numbers(vector.Shape.C, vector.Name.Length, positive ? 0.5f : -0.3f, positive ? 1.5f : 0.3f));
        }

        return execution;
    }

    private static NetworkConfig Config(Architecture architecture) => new(
        architecture.Name == LeNetGap.Architecture ? 1 : 3, Math.Max(architecture.LeastSize, 33), ["a", "b", "c", "d", "e"])
    {
        Architecture = architecture.Name,
        Widths = [6, 9],
    };

    private static Value Stem(GraphBuilder graph, Value x)
    {
        x = graph.Relu("relu1", graph.Conv2D("conv1", x, 8, 3, stride: 1, pad: 1));
        x = graph.MaxPool2D("pool1", x, 3, stride: 2, pad: 1);
        return graph.Relu("relu2", graph.Conv2D("conv2", x, 12, 3, stride: 2, pad: 1));
    }

    /// <summary>Inverted residuals of MobileNetV2: depthwise convolutions between wider ones, ReLU6, sums.</summary>
    private static Value Mobile(GraphBuilder graph, Value x)
    {
        x = Block("stem", x, 8, 3, 2);
        for (int i = 0; i < 3; i++)
        {
            Value wide = Block($"{i}.expand", x, 24, 1, 1);
            Value deep = Clip($"{i}.deep.relu6", graph.BatchNorm($"{i}.deep.norm", Depthwise($"{i}.deep", wide, i == 1 ? 2 : 1)));
            Value narrow = graph.BatchNorm($"{i}.project.norm", graph.Conv2D($"{i}.project", deep, 8, 1, 1, 0, bias: false));
            x = i == 1 ? narrow : graph.Sum($"{i}.sum", x, narrow);
        }

        x = Block("last", x, 20, 1, 1);
        return graph.Linear("logits", graph.Dropout("dropout", graph.GlobalPool(x, GlobalPooling.Average), 0.2f), Classes, bias: true);

        Value Block(string name, Value from, int channels, int size, int stride) => Clip(
            $"{name}.relu6", graph.BatchNorm($"{name}.norm", graph.Conv2D(name, from, channels, size, stride, size / 2, bias: false)));

        Value Clip(string name, Value from) => graph.Add(name, new UnaryNode(from, UnaryFunction.Clip, 0, 6));

        Value Depthwise(string name, Value from, int stride)
        {
            var weight = new GraphParameter(
                $"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(3, 3, 1, from.Shape.C), null);
            var rule = new WindowRule(3, 3) { StrideH = stride, StrideW = stride, Pads = (1, 1, 1, 1) };
            return graph.Add(name, new Conv2DNode(from, rule, weight, null, from.Shape.C));
        }
    }

    /// <summary>Values that two nodes read, a projection, and a head that is a convolution of 1x1.</summary>
    private static Value Residual(GraphBuilder graph, Value x)
    {
        x = Stem(graph, x);
        Value inner = graph.Relu("inner", graph.BatchNorm("norm1", graph.Conv2D("conv3", x, 16, 3, stride: 2, pad: 1)));
        inner = graph.BatchNorm("norm2", graph.Conv2D("conv4", inner, 16, 3, stride: 1, pad: 1));
        x = graph.Relu("sum.relu", graph.Sum("sum", inner, graph.Conv2D("project", x, 16, 1, stride: 2, pad: 0)));
        x = graph.Relu("next", graph.Sum("sum2", x, graph.Conv2D("conv5", x, 16, 3, stride: 1, pad: 1)));
        return graph.Conv2D("logits", graph.GlobalPool(x, GlobalPooling.Average), Classes, 1, stride: 1, pad: 0);
    }

    /// <summary>Squeeze and excitation, swish, average pools.</summary>
    private static Value Gated(GraphBuilder graph, Value x)
    {
        x = graph.Add("swish", new UnaryNode(graph.Conv2D("conv1", x, 8, 3, stride: 2, pad: 1), UnaryFunction.Swish));
        Value gate = graph.Relu("squeeze.relu", graph.Linear("squeeze", graph.GlobalPool("squeezed", x, GlobalPooling.Average), 4, true));
        gate = graph.Add("gate", new UnaryNode(graph.Linear("excite", gate, 8, true), UnaryFunction.Sigmoid));
        x = graph.Add("gated", new BinaryNode(x, gate, BinaryFunction.Multiply));
        var windows = new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Ceil = true };
        x = graph.Add("mean", new AveragePool2DNode(x, windows, countPadding: false));
        x = graph.Add("hard", new UnaryNode(graph.Conv2D("conv2", x, 12, 3, stride: 1, pad: 1), UnaryFunction.HardSwish));
        return graph.Linear("logits", graph.GlobalPool(x, GlobalPooling.Max), Classes, bias: true);
    }

    /// <summary>Pixels as tokens, layer norm, attention, GELU.</summary>
    private static Value Attention(GraphBuilder graph, Value x)
    {
        x = graph.Conv2D("patches", x, 8, 5, stride: 5, pad: 0);
        Value tokens = graph.Add("tokens", new ReshapeNode(x, new Shape(1, 1, x.Shape.Area, 8)));
        Value normal = Layer("norm1", tokens);
        Value scores = graph.Add("scores", new MatMulNode(graph.Linear("q", normal, 8, true), graph.Linear("k", normal, 8, true), true));
        Value shares = graph.Add("shares", new SoftmaxNode(graph.Add("scaled", new UnaryNode(scores, UnaryFunction.Affine, 0.35f)), false));
        Value seen = graph.Add("seen", new MatMulNode(shares, graph.Linear("v", normal, 8, false), transposeB: false));
        tokens = graph.Sum("sum1", tokens, graph.Linear("out", seen, 8, true));
        Value wide = graph.Add("gelu", new UnaryNode(graph.Linear("wide", Layer("norm2", tokens), 16, true), UnaryFunction.Gelu));
        tokens = graph.Sum("sum2", tokens, graph.Linear("narrow", wide, 8, true));
        Value map = graph.Add("map", new ReshapeNode(tokens, x.Shape));
        return graph.Linear("logits", graph.GlobalPool(map, GlobalPooling.Average), Classes, bias: true);

        Value Layer(string name, Value from) => graph.Add(name, new LayerNormalizationNode(
            from, new GraphParameter($"{name}.weight", ParameterKind.Bias, Shape.Vector(8), null) { Start = 1 },
            new GraphParameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(8), null), 1e-5f));
    }
}
