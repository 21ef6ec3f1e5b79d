using System.Buffers.Binary;
using System.IO.Compression;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Fuzzing;

/// <summary>The files of MNIST, plain and packed, damaged by bytes and in their type and extents.</summary>
internal sealed class IdxKind : FuzzKind
{
    private static readonly uint[] s_extents =
        [0, 1, 2, 3, 4, 28, 255, 256, 65535, 65536, 46341, int.MaxValue, 0x80000000, uint.MaxValue, 0xFFFFFF];

    private readonly string _folder = Directory.CreateTempSubdirectory("gpucam-fuzz-idx").FullName;

    public override string Name => "idx";

    public override byte[] Make(long number)
    {
        Random random = RandomOf(number);
        bool labels = IsOfLabels(number), packed = IsPacked(number);
        byte[] file = labels
            ? [0, 0, 8, 1, 0, 0, 0, 10, .. new byte[10]]
            : [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, .. new byte[60]];
        int kind = random.Next(4);
        if (kind == 0)
        {
            return DamagedBytes.Make(packed ? Packed(file) : file, random);
        }

        int header = labels ? 8 : 16, at = 4 + (4 * random.Next(labels ? 1 : 3));
        long count = 1;
        if (kind == 1)
        {
            file[random.Next(4)] = (byte)random.Next(16);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(
                file.AsSpan(at), random.Next(2) == 0 ? s_extents[random.Next(s_extents.Length)] : (uint)random.Next(1, 40));
        }

        for (int i = 4; i < header; i += 4)
        {
            count = Math.Min(1 << 20, count * BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(i)));
        }

        // Most have as much behind the header as it asks for.
        if (random.Next(4) > 0 && count < 10_000)
        {
            Array.Resize(ref file, header + (int)count);
        }

        return packed ? Packed(file) : file;
    }

    public override void Read(byte[] bytes, long number, string name)
    {
        File.WriteAllBytes(name, bytes);
        if (IsOfLabels(number))
        {
            Assert.NotEmpty(IdxFile.ReadLabels(name));
            return;
        }

        IdxImages images = IdxFile.ReadImages(name);
        Assert.Equal((long)images.Count * images.Rows * images.Columns, images.Pixels.Length);
    }

    /// <summary>One file, written again and again.</summary>
    public override string FileName(long number) => Path.Combine(_folder, IsPacked(number) ? "file.gz" : "file");

    private static bool IsOfLabels(long number) => number % 2 == 0;

    private static bool IsPacked(long number) => number % 8 >= 6;

    private static byte[] Packed(byte[] file)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(file);
        }

        return stream.ToArray();
    }
}
