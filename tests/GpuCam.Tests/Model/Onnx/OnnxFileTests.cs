using System.Diagnostics;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>What the reader finds in an ONNX file.</summary>
public sealed class OnnxFileTests
{
    [Fact]
    public void A_model_is_read_whole()
    {
        using OnnxFile file = Small().Metadata("classes", "cat,dog").Opset(17).Opset(2, "com.example").Open();
        OnnxModel model = file.Model;
        Assert.Equal((8, "test 1.0", 17, 2L), (model.IrVersion, model.Producer, (int)model.Opset, model.Opsets["com.example"]));
        Assert.Equal("cat,dog", model.Metadata["classes"]);
        OnnxNode conv = model.Graph.Nodes[0];
        Assert.Equal(("Conv", "conv1", "", 3), (conv.Operator, conv.Name, conv.Domain, conv.Inputs.Count));
        Assert.Equal([1L, 2, 3, 4], conv.Ints("pads")!);
        Assert.Equal((2L, 1L), (conv.Int("group", 1), conv.Int("other", 1)));
        Assert.Equal("Conv node 'conv1'", conv.Label);
        Assert.Equal("Relu node that makes 'y'", model.Graph.Nodes[1].Label);
        Assert.Equal([2L, 1, 1, 1], model.Graph.Initializers["w"].Extents);
        OnnxValueInfo input = Assert.Single(model.Graph.Inputs);
        Assert.Equal("'x' [batch, 2, ?, 5] of FLOAT", input.Label);
        Assert.Equal("y", Assert.Single(model.Graph.Outputs).Name);
    }

    [Fact]
    public void An_attribute_of_another_kind_is_refused_where_it_is_asked_for()
    {
        using OnnxFile file = Small().Open();
        OnnxNode conv = file.Model.Graph.Nodes[0];
        Assert.Equal("m.onnx: Conv node 'conv1': its attribute 'pads' is of kind Ints in place of Int: export the model again",
            Assert.Throws<GpuCamException>(() => conv.Int("pads", 0)).Message);
    }

    [Fact]
    public void An_attribute_of_before_kinds_were_written_is_what_it_holds()
    {
        Proto bare = new Proto().Text(1, "axis").Int(3, 3), nothing = new Proto().Text(1, "none");
        using OnnxFile file = new TestModel().Input("x", 1).Node("A", "x", "y", bare, nothing).Output("y", 1).Open();
        OnnxNode node = file.Model.Graph.Nodes[0];
        Assert.Equal((3L, 0L), (node.Int("axis", 1), node.Int("none", 1)));
        Assert.Empty(node.Ints("none")!);
    }

    [Fact]
    public void An_initializer_that_is_an_input_too_is_no_input()
    {
        using OnnxFile file = Small().Input("w", 2, 1, 1, 1).Open();
        Assert.Equal("x", Assert.Single(file.Model.Graph.Inputs).Name);
    }

    [Fact]
    public void Nodes_out_of_order_are_put_in_order()
    {
        TestModel model = new TestModel().Input("x", 1).Node("C", "b a", "c").Node("B", "a", "b").Node("A", "x", "a").Output("c", 1);
        using OnnxFile file = model.Open();
        Assert.Equal(["A", "B", "C"], file.Model.Graph.Nodes.Select(node => node.Operator));
    }

    [Fact]
    public void Unknown_fields_are_passed_over()
    {
        Proto tensor = TestModel.Floats("w", [1], 2.5f).Text(12, "a doc").Int(99, 1).Double(98, 1).Single(97, 1);
        using OnnxFile file = new TestModel().Input("x", 1).Initializer(tensor).Node("Add", "x w", "y").Output("y", 1).Open();
        Assert.Equal(1, file.Model.Graph.Initializers["w"].Count);
    }

    [Fact]
    public void A_newer_format_and_a_domain_of_two_names_are_read()
    {
        using OnnxFile file = Small().IrVersion(99).Opset(99, "ai.onnx").Open();
        Assert.Equal((99L, 99L), (file.Model.IrVersion, file.Model.Opset));
    }

    [Fact]
    public void A_file_beyond_2_GB_opens_at_once_and_its_last_weight_is_read()
    {
        const long Count = 650_000_000;
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] bare = TestModel.Bare("w", OnnxType.Float, Count).ToArray();
        // The weights are a hole in the file, so that no disk is filled; behind them stands what a reader must get to.
        byte[] rest = new Proto().Message(1, new Proto().Text(1, "x").Text(1, "w").Text(2, "y").Text(4, "Add"))
            .Message(11, TestModel.Value("x", OnnxType.Float, 1)).Message(12, TestModel.Value("y", OnnxType.Float, 1)).ToArray();
        byte[] raw = new Proto().Tag(9, 2).Varint(4 * Count).ToArray();
        long tensor = bare.Length + raw.Length + (4 * Count);
        byte[] initializer = new Proto().Tag(5, 2).Varint((ulong)tensor).ToArray();
        byte[] start = new Proto().Int(1, 8).Message(8, new Proto().Int(2, 17)).Tag(7, 2)
            .Varint((ulong)(initializer.Length + tensor + rest.Length)).ToArray();
        try
        {
            using (FileStream stream = File.Create(path))
            {
                stream.Write([.. start, .. initializer, .. bare, .. raw]);
                stream.Position += (4 * Count) - sizeof(float);
                stream.Write(BitConverter.GetBytes(1.25f));
                stream.Write(rest);
            }

            OnnxFile.Open(path).Dispose();
            long before = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
            using var file = OnnxFile.Open(path);
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(0.25));
            float[] last = new float[2];
            file.Model.Graph.Initializers["w"].CopyTo(last, Count - 2);
            Assert.Equal([0, 1.25f], last);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TestModel Small() => new TestModel()
        .Input("x", "batch", 2, -1, 5)
        .Initializer(TestModel.Floats("w", [2, 1, 1, 1], 1, 2))
        .Initializer(TestModel.Floats("b", [2], 3, 4))
        .Node("Conv:conv1", "x w b", "h", TestModel.Attribute("pads", 1L, 2, 3, 4), TestModel.Attribute("group", 2))
        .Node("Relu", "h", "y")
        .Output("y", "batch", 2, 7, 11);
}
