using System.Buffers.Binary;
using System.Globalization;
using GpuCam.Model;
using static GpuCam.Tests.Model.SafetensorsTests;

namespace GpuCam.Tests.Model;

/// <summary>Damaged and lying files: refused with what is wrong and where, before memory is taken.</summary>
public class BadSafetensorsTests
{
    private const string Cure = "not a safetensors file, or a damaged one; save or copy it again";

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", 8, "the header is not valid JSON")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "the header is not valid JSON")]
    [InlineData("""["w"]""", 0, "the header does not begin with '{'")]
    [InlineData("""{"w":1}""", 0, "'w' is not an object")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'w' is there twice")]
    [InlineData("""{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'w' has its entry 'dtype' twice")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1,"x":1}}""", 8, "tensor 'w' has its entry 'x' twice")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2]}}""", 8, "tensor 'w' lacks dtype, shape or data_offsets")]
    [InlineData("""{"w":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "the dtype of tensor 'w' is not a string")]
    [InlineData("""{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "the shape of tensor 'w': not an array")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "the shape of tensor 'w': not an integer of at least 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "the shape of tensor 'w': not an integer of at least 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "the shape of tensor 'w': not an integer of at least 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "tensor 'w' [4294967296, 4294967296] of F32 is too large")]
    [InlineData("""{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}""", 2, "tensor 'w' [3] of F4 takes 12 bits, which are no whole bytes")]
    [InlineData("""{"w":{"dtype":"I64","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'w' [3] of I64 takes 24 bytes, but its data_offsets span 8")]
    [InlineData("""{"__metadata__":[]}""", 0, "'__metadata__' is not an object")]
    [InlineData("""{"w":null}""", 0, "'w' is not an object")]
    [InlineData("""{"__metadata__":null,"__metadata__":null}""", 0, "'__metadata__' is there twice")]
    [InlineData("""{"__metadata__":{"a":null}}""", 0, "__metadata__ entry 'a' is not a string")]
    [InlineData("""{"__metadata__":{"a":{}}}""", 0, "__metadata__ entry 'a' is not a string")]
    [InlineData("""{"w":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""", 16, "tensor 'w' at data offset 8 leaves a gap of 8 bytes before it")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "data_offsets of tensor 'w' are not a begin and an end")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "data_offsets of tensor 'w' are not a begin and an end")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,-8]}}""", 8, "data_offsets of tensor 'w': not an integer of at least 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'w' [3] of F32 takes 12 bytes, but its data_offsets span 8")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "the tensors end at data offset 8 ('w'), but 4 bytes follow the header")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "the tensors end at data offset 8 ('w'), but 12 bytes follow the header")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'w' at data offset 4 leaves a gap of 4 bytes before it")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "tensor 'b' at data offset 4 overlaps the tensor before it")]
    [InlineData("""{}""", 4, "there are no tensors, but 4 bytes follow the header")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__ entry 'a' is not a string")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "__metadata__ entry 'a' is there twice")]
    [InlineData("""{"\ud800":{}}""", 0, "the header is not valid JSON")]
    public void A_lying_header_is_refused(string header, int dataLength, string what)
    {
        string message = Refused(Build(header, new byte[dataLength]));
        Assert.StartsWith($"m.safetensors: {what} (offset ", message, StringComparison.Ordinal);
        Assert.EndsWith(Cure, message, StringComparison.Ordinal);
        int offset = int.Parse(message.Split("(offset ")[1].Split(')')[0], CultureInfo.InvariantCulture);
        Assert.InRange(offset, 8, 8 + header.Length);
    }

    [Fact]
    public void An_error_names_the_offset_in_the_file()
    {
        const string Header = """{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""";
        Assert.Contains($"(offset {8 + Header.IndexOf("-2", StringComparison.Ordinal)})",
            Refused(Build(Header, new byte[8])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_is_not_utf8_is_refused()
    {
        byte[] bytes = Build("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        bytes[10] = 0xFF;
        Assert.Contains("the header is not UTF-8", Refused(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_few_bytes_is_refused()
    {
        Assert.Contains("0 bytes are too few", Refused([]), StringComparison.Ordinal);
        Assert.Contains("7 bytes are too few", Refused(new byte[7]), StringComparison.Ordinal);
        Assert.Contains("does not begin with '{'", Refused(new byte[8]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000_000UL, 100)]
    [InlineData(100_000_000UL, 200_000_000)]
    [InlineData(ulong.MaxValue, 100)]
    [InlineData(1UL << 63, 100)]
    public void A_huge_header_length_is_refused_before_memory_is_taken(ulong headerLength, long fileLength)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, headerLength);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        file.Write(prefix);
        file.SetLength(fileLength); // sparse: takes no space
        file.Position = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        GpuCamException error = Assert.Throws<GpuCamException>(() => SafetensorsReader.Read(file, "m"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        long limit = Math.Min(SafetensorsReader.MaxHeaderLength, fileLength - 8);
        Assert.StartsWith($"m: a header of {headerLength} bytes (offset 0), of which at most {limit} are possible", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Write(new Dictionary<string, string> { ["a"] = "b" }, [new("v", [1], [1]), new("w", [2, 2], [1, 2, 3, 4])]);
        for (int length = 0; length < bytes.Length; length++)
        {
            Refused(bytes[..length]);
        }
    }

    [Fact]
    public void Random_damage_is_refused_or_harmless()
    {
        byte[] good = Write(new Dictionary<string, string> { ["a"] = "b" }, [new("v", [1], [1]), new("w", [2, 2], [1, 2, 3, 4])]);
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = (byte[])good.Clone();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0
                    ? (byte)random.Next(256)
                    : (byte)"0123456789{}[],:\"-e. "[random.Next(21)];
            }

            try
            {
                SafetensorsFile file = Read(bytes);
                Assert.True(file.Tensors.Sum(tensor => tensor.Values.Length) * 4 <= bytes.Length);
            }
            catch (GpuCamException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10_000, 20_000);
    }

    internal static string Refused(byte[] bytes)
    {
        string message = Assert.Throws<GpuCamException>(() => Read(bytes)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
