using System.Runtime.InteropServices;
using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Every way in which a tensor's numbers are written gives the same numbers.</summary>
public sealed class OnnxTensorTests
{
    private const OnnxType F32 = OnnxType.Float, F16 = OnnxType.Float16, B16 = OnnxType.BFloat16, F64 = OnnxType.Double;

    [Fact]
    public void Raw_numbers_of_each_type_are_read_as_float()
    {
        float[] numbers = [-2, 0, 1, 3];
        Assert.Equal(numbers, Read(Raw<float>(F32, -2, 0, 1, 3)));
        Assert.Equal(numbers, Read(Raw<Half>(F16, (Half)(-2), (Half)0, (Half)1, (Half)3)));
        Assert.Equal(numbers, Read(Raw<ushort>(B16, 0xC000, 0, 0x3F80, 0x4040)));
        Assert.Equal(numbers, Read(Raw<double>(F64, -2, 0, 1, 3)));
        Assert.Equal(numbers, Read(Raw<sbyte>(OnnxType.Int8, -2, 0, 1, 3)));
        Assert.Equal(numbers, Read(Raw<short>(OnnxType.Int16, -2, 0, 1, 3)));
        Assert.Equal(numbers, Read(Raw<int>(OnnxType.Int32, -2, 0, 1, 3)));
        Assert.Equal(numbers, Read(Raw<long>(OnnxType.Int64, -2, 0, 1, 3)));
        Assert.Equal([254, 0, 1, 3], Read(Raw<byte>(OnnxType.UInt8, 254, 0, 1, 3)));
        Assert.Equal([65534, 0, 1, 3], Read(Raw<ushort>(OnnxType.UInt16, 65534, 0, 1, 3)));
        Assert.Equal([4e9f, 0, 1, 3], Read(Raw<uint>(OnnxType.UInt32, 4_000_000_000, 0, 1, 3)));
        Assert.Equal([1, 0, 1, 1], Read(Raw<byte>(OnnxType.Bool, 7, 0, 1, 1)));
    }

    [Fact]
    public void Typed_numbers_are_read_packed_or_one_by_one()
    {
        byte[] floats = MemoryMarshal.AsBytes<float>([1.5f, -2, 0]).ToArray();
        byte[] doubles = MemoryMarshal.AsBytes<double>([1.5, -2, 0]).ToArray();
        float[] numbers = [1.5f, -2, 0];
        Assert.Equal(numbers, Read(Bare("t", F32, 3).Bytes(4, floats)));
        Assert.Equal(numbers, Read(Bare("t", F32, 3).Bytes(4, floats[..8]).Bytes(4, floats[8..])));
        Assert.Equal(numbers, Read(Bare("t", F32, 3).Single(4, 1.5f).Single(4, -2).Single(4, 0)));
        Assert.Equal(numbers, Read(Bare("t", F32, 3).Single(4, 1.5f).Bytes(4, floats[4..])));
        Assert.Equal(numbers, Read(Bare("t", F64, 3).Bytes(10, doubles)));
        Assert.Equal(numbers, Read(Bare("t", F64, 3).Double(10, 1.5).Double(10, -2).Double(10, 0)));
        Assert.Equal(numbers, Read(Bare("t", F16, 3).Packed(5, 0x3E00, 0xC000, 0)));
        Assert.Equal(numbers, Read(Bare("t", B16, 3).Int(5, 0x3FC0).Int(5, 0xC000).Int(5, 0)));
        Assert.Equal([1, -2, 0], Read(Bare("t", OnnxType.Int8, 3).Packed(5, 1, -2, 0)));
        Assert.Equal([1, 200, 0], Read(Bare("t", OnnxType.UInt8, 3).Packed(5, 1, 200, 0)));
        Assert.Equal([1, -2, 0], Read(Bare("t", OnnxType.Int64, 3).Int(7, 1).Packed(7, -2, 0)));
        Assert.Equal([1, 4e9f, 0], Read(Bare("t", OnnxType.UInt32, 3).Packed(11, 1, 4_000_000_000, 0)));
        Assert.Equal([1, 0, 1], Read(Bare("t", OnnxType.Bool, 3).Packed(5, 1, 0, 1)));
    }

    [Fact]
    public void Integers_are_read_as_such()
    {
        using OnnxFile file = With(Bare("t", OnnxType.Int64, 2).Packed(7, long.MinValue, long.MaxValue)).Open();
        Assert.Equal([long.MinValue, long.MaxValue], file.Model.Graph.Initializers["t"].ToIntegers());
        using OnnxFile wide = With(Bare("t", OnnxType.UInt64, 1).Packed(11, -1)).Open();
        Assert.Equal("m.onnx: tensor 't' [1] of UINT64 has a number beyond 2^63: save it as INT64",
            Assert.Throws<GpuCamException>(wide.Model.Graph.Initializers["t"].ToIntegers).Message);
    }

    [Fact]
    public void A_part_is_read_from_where_it_begins()
    {
        float[] numbers = [.. Enumerable.Range(0, 700_000).Select(i => (float)i)];
        using OnnxFile file = With(Floats("t", [700, 1000], numbers)).Open();
        float[] part = new float[600_000];
        file.Model.Graph.Initializers["t"].CopyTo(part, 50_001);
        Assert.Equal(numbers[50_001..650_001], part);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Model.Graph.Initializers["t"].CopyTo(part, 100_001));
    }

    [Fact]
    public void A_single_number_and_no_number_are_tensors_too()
    {
        Assert.Equal([7], Read(Floats("t", [], 7)));
        Assert.Empty(Read(Bare("t", F32, 3, 0)));
        Assert.Empty(Read(Bare("t", F32, 0).Bytes(9, [])));
    }

    [Fact]
    public void Numbers_that_are_no_floats_are_refused_when_they_are_wanted()
    {
        using OnnxFile file = With(Bare("t", OnnxType.String, 1).Text(6, "a")).Open();
        Assert.Equal("m.onnx: tensor 't' [1] of STRING cannot be read as float: save it as FLOAT or FLOAT16",
            Assert.Throws<GpuCamException>(() => file.Model.Graph.Initializers["t"].CopyTo(new float[1])).Message);
        Assert.Contains("is no small tensor of integers",
            Assert.Throws<GpuCamException>(() => With(Floats("t", [], 7)).Open().Model.Graph.Initializers["t"].ToIntegers()).Message,
            StringComparison.Ordinal);
        Assert.Contains("has 1E+300 as value 1, too large for float32",
            Assert.Throws<GpuCamException>(() => Read(Raw<double>(F64, 1, 1e300, 0, 0))).Message, StringComparison.Ordinal);
        using OnnxFile later = With(Bare("t", (OnnxType)77, 2).Bytes(9, [1])).Open();
        Assert.Contains("of data type 77 cannot be read as float",
            Assert.Throws<GpuCamException>(() => later.Model.Graph.Initializers["t"].CopyTo(new float[1])).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_file_gives_no_numbers()
    {
        OnnxFile file = With(Floats("t", [], 7)).Open();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Model.Graph.Initializers["t"].CopyTo(new float[1]));
    }

    internal static TestModel With(Proto tensor) =>
        new TestModel().Input("x", 1).Initializer(tensor).Node("Add", "x t", "y").Output("y", 1);

    private static Proto Raw<T>(OnnxType type, params T[] numbers) where T : unmanaged =>
        Bare("t", type, 2, 2).Bytes(9, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());

    private static float[] Read(Proto tensor)
    {
        using OnnxFile file = With(tensor).Open();
        OnnxTensor read = file.Model.Graph.Initializers["t"];
        float[] numbers = new float[read.Count];
        read.CopyTo(numbers);
        return numbers;
    }
}
