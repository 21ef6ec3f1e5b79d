using System.Runtime.CompilerServices;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Sound files around one value that no exporter writes: refused where the value is, in one line.</summary>
public class MutatedModelTests
{
    private static readonly Shape s_long = new(1, 1 << 16, 1, 1), s_wide = new(1, 1, 1 << 16, 1);

    [Fact]
    public void A_value_too_large_to_count_is_refused_where_it_is_made()
    {
        var builder = new GraphBuilder();
        (Value a, Value b) = (builder.Input("a", s_long), builder.Input("b", s_wide));
        Assert.StartsWith("'sum': 1x65536x65536x1 is no shape of 1 to 2147483647 elements",
            Fails(() => builder.Add("sum", new BinaryNode(a, b, BinaryFunction.Add))), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_too_large_to_count_are_refused()
    {
        var builder = new GraphBuilder();
        Value small = builder.Input("x", new Shape(1, 8, 8, 1));
        Graph graph = builder.Build(builder.Add("y", new ReshapeNode(small, Shape.Vector(64))));
        Assert.Contains("is no shape of", Fails(() => graph.Infer([new Shape(1, 1 << 16, 1 << 16, 1)])), StringComparison.Ordinal);
        Assert.Contains("is no shape of", Fails(() => graph.Infer([new Shape(1, 1 << 30, 1 << 30, 16)])), StringComparison.Ordinal);
    }

    [Fact]
    public void Extents_whose_product_wraps_round_to_nothing_are_refused()
    {
        Assert.Null(OnnxView.Product([0, 1L << 40, 1L << 40]));
        Assert.Equal(0, OnnxView.Product([1L << 40, 0, 5]));
        Assert.Contains("is too large", Fails(() => OnnxLayout.Picture.ShapeOf([1, 16, 1 << 30, 1 << 30], 1)), StringComparison.Ordinal);
        Assert.Contains("is too large", new TestModel().Initializer(Floats("w", [0, 1L << 40, 1L << 40])).Refused(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SamePadding.Upper)]
    [InlineData(SamePadding.Lower)]
    public void A_window_that_reaches_beyond_32_bits_is_refused(SamePadding same)
    {
        var rule = new WindowRule(ushort.MaxValue, 1) { DilationH = ushort.MaxValue, Same = same };
        var builder = new GraphBuilder();
        Value x = builder.Input("x", new Shape(1, 8, 8, 1));
        Assert.StartsWith("'y': ", Fails(() => builder.Add("y", new MaxPool2DNode(x, rule))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_convolution_whose_rows_are_beyond_32_bits_is_refused()
    {
        var geometry = new Conv2DGeometry(new Shape(1, int.MaxValue - 10, 1, 1), 1, 1, 1, 1, 1, 60_000, 0, 60_000, 0, 1, 1);
        Assert.Contains("more than 2147483647 rows or columns", Fails(geometry.Check), StringComparison.Ordinal);
    }

    [Fact]
    public void Slopes_and_pads_that_do_not_fit_are_refused_before_they_run()
    {
        var builder = new GraphBuilder();
        Value x = builder.Input("x", new Shape(1, 2, 2, 3));
        var slope = new GraphParameter("s", ParameterKind.Bias, new Shape(1, 2, 5, 3), null);
        Assert.StartsWith("'y': slopes of 1x2x5x3 do not fit 1x2x2x3", Fails(() => builder.Add("y", new PReluNode(x, slope))),
            StringComparison.Ordinal);
        var pad = new Pad2DNode(x, (1 << 30, 0, 0, 1 << 30, 0, 0), PadMode.Constant, 0);
        Assert.Contains("too large to pad", Fails(() => builder.Add("y", pad)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Concat", "-", "has no input 0")]
    [InlineData("Softmax", "-", "")]
    [InlineData("Sum", "-", "")]
    public void An_operator_without_its_input_is_named(string type, string input, string what)
    {
        byte[] bytes = new TestModel().Input("x", 1, 3, 4, 4).Output("y", 1, 3).Node(type, input, "y", Attribute("axis", 0)).ToArray();
        string message = Fails(() => OnnxNetwork.Read(bytes, "m.onnx"));
        Assert.StartsWith("m.onnx: ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_made_at_load_are_bounded_together()
    {
        TestModel model = new TestModel().Input("x", 1, 3).Output("y", 1, 3).Initializer(Integers("s", [1], OnnxConstant.MostMade));
        for (int i = 0; i < 5; i++)
        {
            model.Node("ConstantOfShape", "s", $"c{i}").Node("Size", $"c{i}", $"n{i}");
        }

        model.Node("Sum", "n0 n1 n2 n3 n4", "n").Node("Cast", "n", "f", Attribute("to", 1)).Node("Add", "x f", "y");
        Assert.Contains("numbers made at load", Fails(() => OnnxNetwork.Read(model.ToArray(), "m.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sign_of_no_number_is_none()
    {
        byte[] bytes = new TestModel().Input("x", 1, 3).Output("y", 1, 3).Initializer(Floats("c", [3], float.NaN, -2, 0))
            .Node("Sign", "c", "s").Node("Add", "x s", "y").ToArray();
        Graph graph = OnnxNetwork.Read(bytes, "m.onnx").Graph;
        Assert.Equal([float.NaN, -1, 0], graph.Parameters[0].Data!.ToArray(3));
    }

    [Fact]
    public void A_sum_that_is_larger_than_its_first_operand_does_not_lie_in_its_memory()
    {
        var builder = new GraphBuilder();
        var added = new GraphParameter("p", ParameterKind.Constant, new Shape(1, 2, 2, 1), ParameterData.Of(new float[] { 1, 2, 3, 4 }));
        Value x = builder.Add("x2", new UnaryNode(builder.Input("x", Shape.Vector(1)), UnaryFunction.Affine, 2));
        Value sum = builder.Add("sum", new BinaryNode(x, added, BinaryFunction.Add));
        Graph graph = builder.Build(builder.Add("y", new UnaryNode(sum, UnaryFunction.Affine, 10)));
        using var device = new HostDevice(Backend.Cpu, 1);
        using var execution = new Execution(device, new Network(graph, []));
        using var image = new Tensor(device, "x", Shape.Vector(1));
        image.CopyFrom([5]);
        Assert.Equal([110, 120, 130, 140], execution.Forward(image).ToArray());
    }

    [Fact]
    public void A_model_in_memory_is_let_go_with_its_network()
    {
        WeakReference bytes = ReadAndForget();
        for (int i = 0; i < 10 && bytes.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(bytes.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference ReadAndForget()
    {
        byte[] bytes = new TestModel().Input("x", 1, 3).Output("y", 1, 3).Node("Relu", "x", "y").ToArray();
        Assert.Single(OnnxNetwork.Read(bytes, "m.onnx").Graph.Nodes);
        return new WeakReference(bytes);
    }

    private static string Fails(Action act) => Assert.Throws<GpuCamException>(act).Message;
}
