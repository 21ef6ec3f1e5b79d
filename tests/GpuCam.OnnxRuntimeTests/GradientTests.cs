using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>The backward pass as ONNX operators, kind by kind, against that of an execution.</summary>
public sealed class GradientTests
{
    private const int Images = 3, Classes = 3;

    public static TheoryData<string> Names => [.. Kinds.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_written_gradient_of_a_kind_of_node_is_that_of_its_backward_pass(string name)
    {
        Kind kind = Kinds.All.Single(kind => kind.Name == name);
        var builder = new GraphBuilder();
        Value image = builder.Input(GraphLayers.Image, kind.Image), y = kind.Add(builder, image);
        Value logits = builder.Linear("classifier", builder.Flatten("flat", y), Classes, bias: true);
        using var device = new HostDevice(Backend.Cpu, threads: 1);
        using var execution = new Execution(device, new Network(builder.Build(logits), ["a", "b", "c"]));
        HeInitialization.Fill(execution.Saved.Where(parameter => parameter.Name.StartsWith("classifier", StringComparison.Ordinal)), 1);
        (float[] expected, float[] expectedLogits, float[] values, float[] direction) = Expected(execution, kind);

        using var runtime = new Runtime(Written(execution, [GraphLayers.Image], 13));
        Shape images = kind.Image.WithN(Images);
        Dictionary<string, (float[] Values, long[] Extents)> results = runtime.Run(
            (GraphLayers.Image, Made.Turned(values, images), [Images, images.C, images.H, images.W]),
            ("direction", direction, [Images, Classes]));
        Made.Close(expectedLogits, results["classifier"].Values, 1e-5, "logits");
        Made.Close(Made.Turned(expected, images), results[$"gradient of {GraphLayers.Image}"].Values, 1e-5, "gradient");
        Assert.Equal([images.N, images.C, images.H, images.W], results[$"gradient of {GraphLayers.Image}"].Extents);
    }

    [Fact]
    public void Every_kind_of_node_is_tested()
    {
        string[] tested = [.. Kinds.All.SelectMany(kind =>
        {
            var builder = new GraphBuilder();
            Value y = kind.Add(builder, builder.Input(GraphLayers.Image, kind.Image));
            return builder.Build(y).Nodes.Select(node => node.GetType().Name);
        }).Distinct().Order()];
        Assert.Equal(
            [.. typeof(Node).Assembly.GetTypes().Where(type => type is { IsPublic: true, IsAbstract: false }
                && type.IsSubclassOf(typeof(Node))).Select(type => type.Name).Order()], tested);
    }

    private static (float[] Gradient, float[] Logits, float[] Images, float[] Direction) Expected(Execution execution, Kind kind)
    {
        Shape shape = kind.Image.WithN(Images);
        float[] values = Made.Quarters(shape.Count, 5, kind.Least), direction = Made.Numbers(Images * Classes, 6);
        using var images = new Tensor(execution.Device, "images", shape);
        using var dLogits = new Tensor(execution.Device, "direction", Shape.Matrix(Images, Classes));
        images.CopyFrom(values);
        dLogits.CopyFrom(direction);
        float[] logits = execution.Forward(images).ToArray();
        return (execution.BackwardTo(GraphLayers.Image, dLogits).ToArray(), logits, values, direction);
    }

    /// <summary>A network with the gradients of values as outputs, for any direction in its logits.</summary>
    private static byte[] Written(Execution execution, IReadOnlyList<string> values, int opset)
    {
        var writer = new OnnxWriter(opset);
        var forward = new ForwardExport(writer, execution);
        forward.Write();
        forward.OutputOf(execution.Graph.Output);
        writer.Input("direction", OnnxType.Float, "N", Classes);
        var gradients = new GradientExport(forward);
        foreach (string name in values)
        {
            Value value = execution.Graph.Value(name);
            writer.Add("Identity", $"gradient of {name}", [gradients.To(value, "direction")]);
            writer.Output($"gradient of {name}", OnnxType.Float, forward.DimsOf(value, OnnxForm.Picture));
        }

        using var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }
}
