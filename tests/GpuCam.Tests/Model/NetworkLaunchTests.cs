using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Kernels.SelfTests;

namespace GpuCam.Tests.Model;

/// <summary>
/// What a pass of a network as files have them launches where group kernels are the fast ones: one kernel for a convolution with all that
/// follows it, and one that gives colours a fourth channel. Nothing is allocated once the first pass is over. Extents are small, the order
/// of layers is that of the papers.
/// </summary>
public class NetworkLaunchTests
{
    private const string Product = nameof(Conv2DForwardProduct), Pool = "MaxPool2DKernel", Mean = nameof(ColumnSumKernel);
    private const string Matrix = nameof(BatchedMatMulKernel), Gate = nameof(ProductGroupKernel), Copy = "BoxCopyKernel";
    private const string Colours = nameof(ChannelPaddingKernel);

    /// <summary>ResNet-18 with an eighth of its channels: 20 convolutions, a max-pool, the mean, a linear layer.</summary>
    [Fact]
    public void A_residual_network_is_a_launch_for_each_convolution()
    {
        string[] launched = Launched(graph =>
        {
            Value x = Input(graph, 48);
            x = graph.Relu("relu", Conv(graph, "conv1", x, 8, 7, stride: 2));
            x = graph.MaxPool2D("maxpool", x, 3, stride: 2, pad: 1);
            foreach ((int channels, int stride) in ((int, int)[])[(8, 1), (16, 2), (32, 2), (64, 2)])
            {
                x = Residual(graph, $"{channels}.0", x, channels, stride);
                x = Residual(graph, $"{channels}.1", x, channels, 1);
            }

            return Dense(graph, "fc", graph.GlobalPool("mean", x, GlobalPooling.Average), 10);
        });
        Assert.Equal([Colours, Product, Pool, .. Enumerable.Repeat(Product, 19), Mean, Gate], launched);
    }

    /// <summary>Modules of four ways side by side, as GoogLeNet's.</summary>
    [Fact]
    public void Ways_side_by_side_are_written_to_their_places()
    {
        string[] launched = Launched(graph =>
        {
            Value x = Input(graph, 9);
            x = graph.Relu("stem", Conv(graph, "conv", x, 12, 3, 1));
            for (int i = 0; i < 2; i++)
            {
                Value a = graph.Relu($"a{i}.relu", Conv(graph, $"a{i}", x, 6, 1, 1));
                Value b = graph.Relu($"b{i}.relu", Conv(graph, $"b{i}", x, 5, 1, 1));
                b = graph.Relu($"bb{i}.relu", Conv(graph, $"bb{i}", b, 8, 3, 1));
                Value c = Conv(graph, $"c{i}", graph.MaxPool2D($"pool{i}", x, 3, stride: 1, pad: 1), 7, 1, 1);
                c = graph.Add($"c{i}.leaky", new UnaryNode(c, UnaryFunction.LeakyRelu, 0.1f));
                x = graph.Concat($"joined{i}", a, b, c, x);
            }

            return x;
        });

        // A small product of matrices is a thread for each element, or groups that share out its depth.
        Assert.Equal(
            [Colours, Product, Matrix, Pool, Matrix, Product, Matrix, Copy, Gate, Pool, Gate, Product, Gate, Copy], launched);
    }

    /// <summary>Inverted residuals with a gate, as MobileNetV3's and EfficientNet's.</summary>
    [Fact]
    public void Depthwise_convolutions_and_gates_are_a_launch_each()
    {
        string[] launched = Launched(graph =>
        {
            Value x = Input(graph, 16);
            x = HardSwish(graph, "stem", Conv(graph, "conv", x, 8, 3, 2));
            for (int i = 0; i < 2; i++)
            {
                Value y = HardSwish(graph, $"expand{i}.act", Conv(graph, $"expand{i}", x, 48, 1, 1));
                y = HardSwish(graph, $"depth{i}.act", Conv(graph, $"depth{i}", y, 48, 3, 1, groups: 48));
                Value gate = graph.GlobalPool($"squeeze{i}", y, GlobalPooling.Average);
                gate = graph.Relu($"less{i}.relu", Conv(graph, $"less{i}", gate, 12, 1, 1));
                gate = graph.Add($"gate{i}", new UnaryNode(Conv(graph, $"more{i}", gate, 48, 1, 1), UnaryFunction.Sigmoid));
                y = graph.Add($"gated{i}", new BinaryNode(gate, y, BinaryFunction.Multiply));
                x = graph.Sum($"sum{i}", Conv(graph, $"project{i}", y, 8, 1, 1), x);
            }

            return x;
        });
        string[] block = [Matrix, nameof(DepthwiseForwardKernel), Mean, Gate, Matrix, "MultiplyFunction", Gate];
        Assert.Equal([Colours, Product, .. block, .. block], launched);
    }

    /// <summary>Attention between two linear layers, as a transformer's.</summary>
    [Fact]
    public void Sums_after_linear_layers_are_no_launches()
    {
        string[] launched = Launched(graph =>
        {
            Value x = Input(graph, 6, 40);
            Value y = graph.Add("hidden.gelu", new UnaryNode(Dense(graph, "hidden", x, 80), UnaryFunction.Gelu));
            x = graph.Sum("sum", Dense(graph, "out", y, 40), x);
            return graph.Add("scores", new MatMulNode(x, x, transposeB: true));
        });
        Assert.Equal([Gate, Gate, Gate], launched);
    }

    private static string[] Launched(Func<GraphBuilder, Value> network)
    {
        var launched = new List<string>();
        using IDevice inner = TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(1));
        var counting = new CountingDevice(inner);
        using IDevice device = new TamperedDevice(launched: kernel => launched.Add(Name(kernel)), inner: counting);
        var graph = new GraphBuilder();
        Value last = network(graph);
        using var execution = new Execution(device, new Network(graph.Build(last), []));
        using var images = new Tensor(device, "images", graph.Build(last).Inputs[0].Shape with { N = 2 });
        images.CopyFrom(OpHarness.Random(images.Count, 1));
        execution.Forward(images);
        launched.Clear();
        int allocations = counting.Allocations;
        Tensor y = execution.Forward(images);
        Assert.Equal(allocations, counting.Allocations);
        string[] pass = [.. launched];

        using var host = new HostDevice(Backend.Cpu, 1);
        using var reference = new Execution(host, new Network(graph.Build(last), []));
        using var same = new Tensor(host, "images", images.Shape);
        same.CopyFrom(images.ToArray());
        OpHarness.Close([.. reference.Forward(same).ToArray().Select(v => (double)v)], y.ToArray(), 1e-5);
        return pass;
    }

    private static Value Input(GraphBuilder graph, int side, int channels = 3) =>
        graph.Input(GraphLayers.Image, new Shape(1, side, side, channels));

    private static Value Residual(GraphBuilder graph, string name, Value x, int channels, int stride)
    {
        Value y = graph.Relu($"{name}.relu", Conv(graph, $"{name}.conv1", x, channels, 3, stride));
        y = Conv(graph, $"{name}.conv2", y, channels, 3, 1);
        x = x.Shape == y.Shape ? x : Conv(graph, $"{name}.downsample", x, channels, 1, stride);
        return graph.Relu(name, graph.Sum($"{name}.add", y, x));
    }

    private static Value HardSwish(GraphBuilder graph, string name, Value x) =>
        graph.Add(name, new UnaryNode(x, UnaryFunction.HardSwish));

    private static Value Conv(GraphBuilder graph, string name, Value x, int channels, int k, int stride, int groups = 1)
    {
        var rule = new WindowRule(k, k) { StrideH = stride, StrideW = stride, Pads = (k / 2, k / 2, k / 2, k / 2) };
        return graph.Add(name, new Conv2DNode(
            x, rule, Parameter($"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(k, k, x.Shape.C / groups, channels)),
            Parameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(channels)), groups));
    }

    private static Value Dense(GraphBuilder graph, string name, Value x, int channels) => graph.Add(name, new LinearNode(
        x, Parameter($"{name}.weight", ParameterKind.LinearWeight, Shape.Matrix(x.Shape.C, channels)),
        Parameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(channels))));

    private static GraphParameter Parameter(string name, ParameterKind kind, Shape shape)
    {
        float range = 1 / MathF.Sqrt(Math.Max(1, shape.Count / shape.C));
        return new GraphParameter(name, kind, shape, ParameterData.Of(OpHarness.Random(shape.Count, name.Length, -range, range)));
    }

    private static string Name(Type kernel) => kernel.IsGenericType ? kernel.GetGenericArguments()[0].Name : kernel.Name;
}
