using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using GpuCam.Kernels;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>A folder for one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gpucam-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Small data made in memory.</summary>
internal static class DataFixtures
{
    public static readonly IReadOnlyList<string> ClassNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    public static DigitPool Pool(int count = 50) => SyntheticDigits.Make(7, 0, count);

    public static Digits Digits() => new("test", ClassNames, Pool(50), SyntheticDigits.Make(8, 0, 30), "test digits");

    /// <summary>All pictures of a folder, those to train on first, as they are.</summary>
    public static ISampleSource Open(
        string folder, int channels = 1, IReadOnlyList<string>? classes = null, ImageOrientation orientation = ImageOrientation.Exif)
    {
        var options = new PictureSetOptions(folder) { Classes = classes, Orientation = orientation };
        var set = PictureSet.Open(options, _ => { });
        DataPicture[] pictures = [.. set.Train, .. set.Validation, .. set.Test];
        int size = pictures[0].Width;
        return new PictureSource(
            pictures, set.ClassNames, PictureSource.AsTheyAre(size, channels), new Shape(1, size, size, channels), orientation,
            set.Description);
    }

    public static byte[] IdxImages(int count, int size = 28)
    {
        byte[] bytes = new byte[16 + count * size * size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x0803);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), size);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), size);
        for (int i = 16; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i * 31 % 251);
        }

        return bytes;
    }

    public static byte[] IdxLabels(int count)
    {
        byte[] bytes = new byte[8 + count];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x0801);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), count);
        for (int i = 0; i < count; i++)
        {
            bytes[8 + i] = (byte)(i % 10);
        }

        return bytes;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>A data set of 12 and 4 digits that no mirror has, and its files.</summary>
    public static (DataSet Set, Dictionary<string, byte[]> Files) TinySet(NpmPackage? npm = null, params string[] folders)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["train-images"] = IdxImages(12),
            ["train-labels"] = IdxLabels(12),
            ["test-images"] = IdxImages(4),
            ["test-labels"] = IdxLabels(4),
        };
        DataFile File(string name) => new(name, files[name].Length, Convert.ToHexStringLower(SHA256.HashData(files[name])));
        var all = new DataFiles(File("train-images"), File("train-labels"), File("test-images"), File("test-labels"));
        return (new DataSet("tiny", "Tiny", ClassNames, [], folders, npm, null, all), files);
    }
}
