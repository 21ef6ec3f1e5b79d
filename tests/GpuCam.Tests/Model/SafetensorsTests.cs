using System.Buffers.Binary;
using System.Text;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class SafetensorsTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        var metadata = new Dictionary<string, string> { ["b"] = "zwei \"Zeilen\"\n", ["a"] = "ü" };
        SafetensorsTensor[] tensors =
        [
            new("second", [2, 3], [1, -0f, float.NaN, float.MaxValue, float.Epsilon, 6]),
            new("first", [], [0.1f]),
            new("empty", [0, 5], []),
        ];
        byte[] bytes = Write(metadata, tensors);
        SafetensorsFile file = Read(bytes);
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(["empty", "first", "second"], file.Tensors.Select(tensor => tensor.Name));
        foreach (SafetensorsTensor tensor in tensors)
        {
            Assert.Equal(tensor.Shape, file.Find(tensor.Name)!.Shape);
            Assert.Equal(tensor.Values.Select(BitConverter.SingleToInt32Bits),
                file.Find(tensor.Name)!.Values.Select(BitConverter.SingleToInt32Bits));
        }

        Assert.Null(file.Find("third"));
        Assert.All(file.Tensors, tensor => Assert.Equal("F32", tensor.Type));
        Assert.All(tensors, tensor => Assert.Equal("F32", tensor.Type));
    }

    [Fact]
    public void The_bytes_are_those_of_the_specification()
    {
        byte[] bytes = Write(new Dictionary<string, string> { ["format"] = "pt" }, [new("w", [1, 2], [1, 2])]);
        const string Header = """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""";
        int padded = (Header.Length + 7) / 8 * 8;
        Assert.Equal(padded, BinaryPrimitives.ReadInt64LittleEndian(bytes));
        Assert.Equal(Header.PadRight(padded), Encoding.UTF8.GetString(bytes, 8, padded));
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], bytes[(8 + padded)..]);
    }

    [Fact]
    public void The_order_in_which_things_are_given_changes_no_byte()
    {
        SafetensorsTensor[] tensors = [new("b", [1], [1]), new("a", [2], [2, 3])];
        var metadata = new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" };
        var reversed = new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" };
        Assert.Equal(Write(metadata, tensors), Write(reversed, [.. tensors.Reverse()]));
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_too()
    {
        byte[] bytes = Write([], [new("w", [3], [1, 2, 3])]);
        using var stream = new ForwardOnlyStream(bytes);
        Assert.Equal([1, 2, 3], SafetensorsReader.Read(stream, "f").Find("w")!.Values);
    }

    [Theory]
    [InlineData("F64", "0000000000000CC0", -3.5f)]
    [InlineData("F16", "00C3", -3.5f)]
    [InlineData("BF16", "60C0", -3.5f)]
    [InlineData("F32", "000060C0", -3.5f)]
    public void Other_float_types_are_converted(string type, string hex, float expected)
    {
        byte[] data = Convert.FromHexString(hex);
        string header = $$"""{"w":{"dtype":"{{type}}","shape":[1],"data_offsets":[0,{{data.Length}}]} }""";
        Assert.Equal([expected], Read(Build(header, data)).Tensors[0].Values);
    }

    [Fact]
    public void Tensors_may_be_listed_in_any_order()
    {
        const string Header = """{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
        SafetensorsFile file = Read(Build(Header, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]));
        Assert.Equal((1f, 2f), (file.Find("a")!.Values[0], file.Find("b")!.Values[0]));
    }

    /// <summary>The list of the format, with what a number takes, but for those that are read.</summary>
    [Theory]
    [InlineData("BOOL", 8, true)]
    [InlineData("F4", 4, false)]
    [InlineData("F6_E2M3", 6, false)]
    [InlineData("F6_E3M2", 6, false)]
    [InlineData("U8", 8, true)]
    [InlineData("I8", 8, true)]
    [InlineData("F8_E5M2", 8, false)]
    [InlineData("F8_E4M3", 8, false)]
    [InlineData("F8_E8M0", 8, false)]
    [InlineData("F8_E4M3FNUZ", 8, false)]
    [InlineData("F8_E5M2FNUZ", 8, false)]
    [InlineData("I16", 16, true)]
    [InlineData("U16", 16, true)]
    [InlineData("I32", 32, true)]
    [InlineData("U32", 32, true)]
    [InlineData("C64", 64, false)]
    [InlineData("I64", 64, true)]
    [InlineData("U64", 64, true)]
    public void A_type_that_is_not_read_matters_only_to_who_asks_for_its_values(string type, int bits, bool integers)
    {
        string header = $$"""
            {"a":{"dtype":"{{type}}","shape":[4],"data_offsets":[0,{{bits / 2}}]},
            "b":{"dtype":"F32","shape":[],"data_offsets":[{{bits / 2}},{{(bits / 2) + 4}}]} }
            """;
        SafetensorsFile file = Read(Build(header, [.. new byte[bits / 2], 0, 0, 0x80, 0x3F]));
        SafetensorsTensor a = file.Find("a")!;
        Assert.Equal((type, "[4]", integers), (a.Type, a.ShapeText, a.HoldsIntegers));
        Assert.Equal([1f], file.Find("b")!.Values);
        Assert.Equal(
            $"m.safetensors: tensor 'a' has dtype {type}: save it as one of F32, F64, F16, BF16",
            Assert.Throws<GpuCamException>(() => a.Values).Message);
        BadSafetensorsTests.Refused(Build($$"""{"a":{"dtype":"{{type}}","shape":[4],"data_offsets":[0,{{(bits / 2) + 1}}]} }""", new byte[(bits / 2) + 1]));
    }

    [Fact]
    public void A_type_that_came_after_this_program_is_listed_too()
    {
        SafetensorsFile file = Read(Build("""{"a":{"dtype":"F2","shape":[7],"data_offsets":[0,3]}}""", new byte[3]));
        Assert.Equal(("F2", false), (file.Tensors[0].Type, file.Tensors[0].HoldsIntegers));
        Assert.Throws<GpuCamException>(() => file.Tensors[0].Values);
    }

    [Fact]
    public void A_number_beyond_float32_is_called_that_by_who_asks_for_it()
    {
        byte[] data = [.. new double[] { 1, 1e300, -1e301, double.PositiveInfinity }.SelectMany(BitConverter.GetBytes)];
        SafetensorsFile file = Read(Build("""{"w":{"dtype":"F64","shape":[4],"data_offsets":[0,32]}}""", data));
        Assert.Equal("m.safetensors: tensor 'w' has 1E+300 as value 1, too large for float32: save it with values below 3.4e38",
            Assert.Throws<GpuCamException>(() => file.Tensors[0].Values).Message);
    }

    [Fact]
    public void What_was_infinite_in_float64_still_is_and_what_was_tiny_is_rounded()
    {
        byte[] data = [.. new double[] { double.NegativeInfinity, 1e-300, float.MaxValue }.SelectMany(BitConverter.GetBytes)];
        Assert.Equal([float.NegativeInfinity, 0, float.MaxValue],
            Read(Build("""{"w":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}""", data)).Tensors[0].Values);
    }

    /// <summary>What the format allows and other programs write: each holds the tensor w with the one value 1.</summary>
    [Theory]
    [InlineData("""{"__metadata__":null,"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "no metadata, said by null")]
    [InlineData("""{"__metadata__":{},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "no metadata, said by nothing")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}         """, "any number of spaces behind the header")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} """, "a header of any length, so tensors at any address")]
    [InlineData("""{ "w" : { "data_offsets" : [ 0, 4 ] , "shape" : [ 1 ] , "dtype" : "F32" } }""", "spaces inside, in any order")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"note":{"a":[1,{}]}}}""", "more said about a tensor")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1,1,1,1,1],"data_offsets":[0,4]}}""", "many dimensions")]
    [InlineData("""{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", "a single number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "nothing before it")]
    [InlineData("""{"a":{"dtype":"I64","shape":[0],"data_offsets":[4,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "nothing behind it")]
    [InlineData("""{"\u0077":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "an escaped name")]
    [InlineData("""{"__metadata__":{"größe":"日本"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "metadata of any script")]
    public void What_the_format_allows_is_read(string header, string what)
    {
        SafetensorsTensor w = Read(Build(header, [0, 0, 0x80, 0x3F])).Find("w")!;
        Assert.True(w is not null, what);
        Assert.Equal([1f], w.Values);
    }

    [Fact]
    public void A_name_may_be_of_any_script()
    {
        SafetensorsFile file = Read(Build("""{"重み/größe 🙂":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", new byte[4]));
        Assert.Equal("重み/größe 🙂", file.Tensors[0].Name);
        Assert.Equal("重み/größe 🙂", Read(Write([], [.. file.Tensors])).Tensors[0].Name);
    }

    [Fact]
    public void A_tensor_at_an_odd_address_is_read()
    {
        const string Header = """{"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]},"w":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}}""";
        Assert.Equal([1f], Read(Build(Header, [1, 1, 1, 0, 0, 0x80, 0x3F])).Find("w")!.Values);
    }

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("F64", 8)]
    [InlineData("F16", 2)]
    public void A_large_tensor_is_read_to_its_last_number(string type, int size)
    {
        const int Count = 100_001;
        byte[] data = new byte[(Count * size) + 4];
        for (int i = 0; i < Count; i++)
        {
            float value = i % 1000;
            byte[] number = size == 4 ? BitConverter.GetBytes(value) : size == 8 ? BitConverter.GetBytes((double)value)
                : BitConverter.GetBytes((Half)value);
            number.CopyTo(data, i * size);
        }

        data[^2] = 0x80;
        data[^1] = 0x3F;
        SafetensorsFile file = Read(Build(
            $$"""
            {"a":{"dtype":"{{type}}","shape":[{{Count}}],"data_offsets":[0,{{Count * size}}]},
            "b":{"dtype":"F32","shape":[1],"data_offsets":[{{Count * size}},{{(Count * size) + 4}}]} }
            """, data));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)(i % 1000)), file.Find("a")!.Values);
        Assert.Equal([1f], file.Find("b")!.Values);
    }

    [Fact]
    public void A_file_may_begin_in_the_middle_of_a_stream()
    {
        byte[] bytes = Write([], [new("w", [3], [1, 2, 3])]);
        using var stream = new MemoryStream([9, 9, 9, .. bytes]) { Position = 3 };
        Assert.Equal([1, 2, 3], SafetensorsReader.Read(stream, "f").Find("w")!.Values);
    }

    [Fact]
    public void The_writer_refuses_what_it_could_not_read()
    {
        Assert.Throws<ArgumentException>(() => Write([], [new("w", [2], [1])]));
        Assert.Throws<ArgumentException>(() => Write([], [new("w", [1], [1]), new("w", [1], [1])]));
        Assert.Throws<ArgumentException>(() => Write([], [new("__metadata__", [1], [1])]));
    }

    internal static byte[] Build(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        return bytes;
    }

    internal static SafetensorsFile Read(byte[] bytes) => SafetensorsReader.Read(new MemoryStream(bytes), "m.safetensors");

    internal static byte[] Write(Dictionary<string, string> metadata, SafetensorsTensor[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, metadata, tensors);
        return stream.ToArray();
    }

    private sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();
    }
}
