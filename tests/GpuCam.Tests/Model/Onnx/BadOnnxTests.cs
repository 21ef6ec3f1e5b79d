using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Damaged and lying files: refused with what is wrong and where, before memory is taken.</summary>
public sealed class BadOnnxTests
{
    private const string Cure = ": not an ONNX file, or a damaged one; save or copy it again";

    [Theory]
    [InlineData("", "an empty file: give an ONNX file")]
    [InlineData("hello, this is a file\nof text", "text: give an ONNX file")]
    [InlineData("<!DOCTYPE html><html>…</html>", "text: give an ONNX file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:12",
        "a pointer of Git LFS in place of the model: get the file itself with 'git lfs pull'")]
    [InlineData("PK\u0003\u0004rest", "a zip or pickle, as PyTorch saves its own models: export it with torch.onnx.export")]
    [InlineData("\u0010\0\0\0\0\0\0\0{\"w\":{}}", "a safetensors file: it holds weights alone; export the network to ONNX")]
    [InlineData("\u001c\0\0\0TFL3", "a TensorFlow Lite model: convert it with tf2onnx")]
    public void A_file_of_another_kind_is_called_what_it_is(string content, string what) =>
        Assert.Equal($"m.onnx: {what}", Refused(System.Text.Encoding.UTF8.GetBytes(content)));

    [Fact]
    public void A_message_that_lies_is_refused_with_its_place()
    {
        Assert.Equal($"m.onnx: model: field 7 has a length of 200 where 1 bytes are left (offset 5){Cure}",
            Refused(new Proto().Int(1, 8).Tag(7, 2).Varint(200).Raw(1).ToArray()));
        Assert.Contains("has a length of 18446744073709551615 where 0 bytes",
            Refused(new Proto().Tag(7, 2).Varint(ulong.MaxValue).ToArray()),
            StringComparison.Ordinal);
        Assert.Contains("field 1 has wire type 3", Refused(new Proto().Int(1, 8).Tag(1, 3).ToArray()), StringComparison.Ordinal);
        Assert.Contains("field 1 has wire type 7", Refused(new Proto().Tag(1, 7).ToArray()), StringComparison.Ordinal);
        Assert.Contains("field 1 has wire type 2 in place of 0", Refused(new Proto().Text(1, "\u0001").ToArray()),
            StringComparison.Ordinal);
        Assert.Contains("a tag of 2", Refused([2, 0]), StringComparison.Ordinal);
        Assert.Contains("a number of more than 10 bytes", Refused([8, .. Enumerable.Repeat((byte)0x81, 11)]), StringComparison.Ordinal);
        Assert.Contains("a number that does not end", Refused([8, 0x81]), StringComparison.Ordinal);
        Assert.Contains("field 2 takes 8 bytes where 3 are left", Refused(new Proto().Tag(2, 1).Raw(1, 2, 3).ToArray()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_every_model_has_must_be_there()
    {
        Assert.Contains("model: no IR version", Refused(new Proto().Text(2, "tool").ToArray()), StringComparison.Ordinal);
        Assert.Contains("model: no graph", Refused(new Proto().Int(1, 8).ToArray()), StringComparison.Ordinal);
        Assert.Contains("model: no opset", Refused(new Proto().Int(1, 8).Message(7, new Proto()).ToArray()), StringComparison.Ordinal);
        Assert.Contains("model: opset 0 of domain ''", Relu().Opset(0).Refused(), StringComparison.Ordinal);
        Assert.Contains("model: two opsets of domain ''", Relu().Opset(9).Opset(9, "ai.onnx").Refused(), StringComparison.Ordinal);
        Assert.Contains("node 1: no operator", Relu().Graph(1, new Proto().Text(2, "z")).Refused(), StringComparison.Ordinal);
        Assert.Equal("m.onnx: the graph has no output: export the model again", new TestModel().Input("x", 1).Refused());
    }

    [Fact]
    public void A_domain_without_an_opset_is_refused()
    {
        Assert.Equal("m.onnx: Relu node that makes 'y' is of a domain '' whose opset the model does not name: export the model again",
            Relu().Opset(1, "com.example").Refused());
        Proto node = new Proto().Text(1, "y").Text(2, "z").Text(4, "Gelu").Text(7, "com.example");
        Assert.Contains("com.example.Gelu node that makes 'z' is of a domain 'com.example'", Relu().Graph(1, node).Refused(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_of_before_opset_7_are_refused_in_one_sentence() =>
        Assert.Equal("m.onnx: operators of opset 6, of which 7 is the oldest read: export the model with opset 13 or newer, or convert it "
            + "with onnx.version_converter", Relu().Opset(6).Refused());

    [Fact]
    public void A_name_is_made_once()
    {
        Assert.Equal("m.onnx: 'y' is made twice, by Tanh node 'b' for one: export the model again",
            Relu().Node("Tanh:b", "x", "y").Refused());
        Assert.Contains("'x' is made twice", Relu().Node("Tanh", "y", "x").Refused(), StringComparison.Ordinal);
        Assert.Contains("two inputs 'x'", Relu().Input("x", 1).Refused(), StringComparison.Ordinal);
        Assert.Contains("two initializers 'w'", Relu().Initializer(Floats("w", [], 1)).Initializer(Floats("w", [], 1)).Refused(),
            StringComparison.Ordinal);
        Assert.Contains("two attributes 'a'", Relu().Node("A", "x", "z", Attribute("a", 1), Attribute("a", 2)).Refused(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_makes_is_named_with_who_wants_it()
    {
        Assert.Equal("m.onnx: Add node 'sum' takes 'w', which is no input, no initializer and made by no node: export the model again",
            Relu().Node("Add:sum", "y w", "z").Refused());
        Assert.Equal("m.onnx: no node makes the output 'z': export the model again", Relu().Output("z", 1).Refused());
    }

    [Fact]
    public void A_cycle_is_named()
    {
        Assert.Equal("m.onnx: a cycle: Add node 'a' waits for C node 'c', B node 'b', Add node 'a': export the model again",
            Relu().Node("Add:a", "x c1", "a1").Node("B:b", "a1", "b1").Node("C:c", "b1", "c1").Refused());
        Assert.Equal("m.onnx: a cycle: Add node 'a' waits for itself: export the model again",
            Relu().Node("Add:a", "x a1", "a1").Refused());
    }

    [Fact]
    public void Extents_that_lie_are_refused_before_memory_is_taken()
    {
        Assert.Contains("tensor 't': has an extent of -2", Weights(Bare("t", OnnxType.Float, -2, -2).Bytes(9, new byte[16])),
            StringComparison.Ordinal);
        Assert.Contains("[4294967296, 4294967296] is too large", Weights(Bare("t", OnnxType.Float, 1L << 32, 1L << 32)),
            StringComparison.Ordinal);
        Assert.Contains("is too large", Weights(Bare("t", OnnxType.Int8, 1L << 62, 4, 0)), StringComparison.Ordinal);
        Assert.Contains("[2, 2] of FLOAT holds 12 bytes in place of 16", Weights(Bare("t", OnnxType.Float, 2, 2).Bytes(9, new byte[12])),
            StringComparison.Ordinal);
        Assert.Contains("[2] of FLOAT holds 0 bytes in place of 8", Weights(Bare("t", OnnxType.Float, 2)), StringComparison.Ordinal);
        Assert.Contains("[3] of INT64 holds 2 numbers of its type in place of 3", Weights(Bare("t", OnnxType.Int64, 3).Packed(7, 1, 2)),
            StringComparison.Ordinal);
        Assert.Contains("[1] of FLOAT holds 0 numbers of its type in place of 1", Weights(Bare("t", OnnxType.Float, 1).Packed(7, 1)),
            StringComparison.Ordinal);
        Assert.Contains("[576460752303423487] of INT8 holds 4 bytes",
            Weights(Bare("t", OnnxType.Int8, long.MaxValue / 16).Bytes(9, new byte[4])), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_are_there_twice_or_of_another_type_are_refused()
    {
        Assert.Contains("tensor 't': has its data twice", Weights(Floats("t", [1], 1).Packed(7, 1)), StringComparison.Ordinal);
        Assert.Contains("tensor 't': has its data twice", Weights(Bare("t", OnnxType.Int64, 1).Packed(7, 1).Packed(5, 1)),
            StringComparison.Ordinal);
        Assert.Contains("field 4 has packed numbers of 3 bytes", Weights(Bare("t", OnnxType.Float, 1).Bytes(4, new byte[3])),
            StringComparison.Ordinal);
        Assert.Contains("field 4 has wire type 0 in place of 5", Weights(Bare("t", OnnxType.Float, 1).Int(4, 1)), StringComparison.Ordinal);
        Assert.Contains("segments", Weights(Floats("t", [1], 1).Message(3, new Proto())), StringComparison.Ordinal);
        using OnnxFile file = OnnxTensorTests.With(Bare("t", OnnxType.UInt8, 1).Packed(5, 256)).Open();
        Assert.Contains("256 is no UINT8",
            Assert.Throws<GpuCamException>(() => file.Model.Graph.Initializers["t"].CopyTo(new float[1])).Message,
                StringComparison.Ordinal);
        Assert.Contains("a sparse initializer", Relu().Graph(15, new Proto()).Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_empty_parts_is_refused_before_it_fills_memory()
    {
        byte[] names = [.. Enumerable.Repeat((byte[])[0x0A, 0x00], OnnxParser.MaxParts + 10).SelectMany(pair => pair)];
        Assert.Contains("more than 1000000 nodes, attributes, tensors and names",
            Relu().Graph(1, new Proto().Text(4, "A").Raw(names)).Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Relu().Initializer(Floats("w", [2, 2], 1, 2, 3, 4)).Node("Add", "y w", "z", Attribute("a", 1.5f)).ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Refused(bytes[..length]);
        }
    }

    [Fact]
    public void Random_damage_is_refused_or_harmless()
    {
        byte[] good = Relu().Initializer(Floats("w", [2, 2], 1, 2, 3, 4)).Initializer(Integers("s", [2], 1, 2))
            .Node("Add", "y w", "z", Attribute("a", 1.5f)).Metadata("k", "v").ToArray();
        var random = new Random(1);
        int refused = 0, read = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. good];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                using var file = OnnxFile.Parse(bytes, "m.onnx");
                foreach (OnnxTensor tensor in file.Model.Graph.Initializers.Values)
                {
                    tensor.CopyTo(new float[tensor.Count]);
                }

                read++;
            }
            catch (GpuCamException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2_000, 19_000);
        Assert.Equal(20_000, refused + read);
    }

    private static TestModel Relu() => new TestModel().Input("x", 1).Node("Relu", "x", "y").Output("y", 1);

    private static string Weights(Proto tensor) => OnnxTensorTests.With(tensor).Refused();
}
