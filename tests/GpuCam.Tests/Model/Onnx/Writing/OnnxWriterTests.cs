using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx.Writing;

public class OnnxWriterTests
{
    [Fact]
    public void What_is_written_is_what_the_reader_finds()
    {
        var writer = new OnnxWriter(13);
        writer.Input("x", OnnxType.Float, "N", 3L, 2L, 2L);
        writer.Floats("w", [.. Enumerable.Range(0, 12).Select(i => i / 4f)], 4, 3, 1, 1);
        writer.Add("Conv", "y", ["x", "w"], ("pads", new long[] { 0, 1, 0, 1 }), ("group", 1L), ("auto_pad", "NOTSET"));
        writer.Add("LeakyRelu", "z", ["y"], ("alpha", 0.25f));
        writer.Longs("axes", [2, 3], 2);
        writer.Output("z", OnnxType.Float, "N", 4L, 2L, 4L);
        writer.Metadata("classes", "a,b");
        using var file = OnnxFile.Parse(Bytes(writer), "m.onnx");
        OnnxModel model = file.Model;
        Assert.Equal((7, "GpuCam", 13), (model.IrVersion, model.Producer, model.Opsets[""]));
        Assert.Equal("a,b", model.Metadata["classes"]);
        Assert.Equal(["Conv", "LeakyRelu"], model.Graph.Nodes.Select(node => node.Operator));
        OnnxNode conv = model.Graph.Nodes[0];
        Assert.Equal([0, 1, 0, 1], conv.Attributes["pads"].Ints);
        Assert.Equal((1, "NOTSET"), (conv.Attributes["group"].Int, conv.Attributes["auto_pad"].Text));
        Assert.Equal(0.25f, model.Graph.Nodes[1].Attributes["alpha"].Float);
        Assert.Equal([4, 3, 1, 1], model.Graph.Initializers["w"].Extents);
        Assert.Equal([2, 3], model.Graph.Initializers["axes"].ToIntegers());
        float[] last = new float[1];
        model.Graph.Initializers["w"].CopyTo(last, 11);
        Assert.Equal([2.75f], last);
        Assert.Equal("N", model.Graph.Inputs[0].Extents![0].Name);
    }

    [Fact]
    public void A_fresh_name_is_nobody_elses()
    {
        var writer = new OnnxWriter(13);
        writer.Input("x", OnnxType.Float, 1L);
        Assert.Equal(["x_1", "x_2", "y", "y_1"], [writer.Fresh("x"), writer.Fresh("x"), writer.Fresh("y"), writer.Fresh("y")]);
    }

    [Fact]
    public void A_value_is_not_made_twice_and_extents_are_those_of_the_numbers()
    {
        var writer = new OnnxWriter(13);
        writer.Input("x", OnnxType.Float, 1L);
        Assert.Throws<InvalidOperationException>(() => writer.Add("Relu", "x", ["x"]));
        Assert.Throws<ArgumentException>(() => writer.Floats("w", [1, 2], 3));
    }

    private static byte[] Bytes(OnnxWriter writer)
    {
        using var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }
}
