using System.Buffers.Binary;
using System.Text;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Fuzzing;

/// <summary>Sound pictures of every kind, each damaged in its own way: file N of a format is always the same.</summary>
internal static class DamagedPictures
{
    private static readonly Dictionary<string, byte[][]> s_sound = new()
    {
        ["png"] = [.. Pngs()],
        ["jpg"] =
        [
            .. Samples(".jpg"),
            OrientationTests.JpegWith(PictureSamples.All["baseline.jpg"].File, OrientationTests.Exif(6, little: true)),
        ],
        ["gif"] = [.. Samples(".gif")],
        ["bmp"] = [.. Samples(".bmp")],
        ["webp"] =
        [
            .. Samples(".webp"),
            OrientationTests.WebPWith(PictureSamples.All["lossy.webp"].File, OrientationTests.Exif(8, little: false)),
        ],
    };

    public static IReadOnlyList<string> Formats { get; } = [.. s_sound.Keys];

    public static byte[] Make(string format, long number)
    {
        byte[][] sound = s_sound[format];
        var random = new Random((int)(number ^ (number >> 32)));
        byte[] bytes = DamagedBytes.Make(sound[number % sound.Length], random);
        // Most of them are mended outside, so that the damage reaches the decoder.
        if (random.Next(4) > 0)
        {
            Mend(bytes);
        }

        return bytes;
    }

    /// <summary>Puts right the checksums of a PNG as far as its chunks can be followed, or the length of a WebP.</summary>
    private static void Mend(byte[] file)
    {
        if (file.AsSpan().StartsWith("RIFF"u8))
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
            return;
        }

        if (!file.AsSpan().StartsWith(PngBuilder.Signature))
        {
            return;
        }

        int at = 8;
        while (at + 12 <= file.Length)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (at + 12 + length > file.Length)
            {
                return;
            }

            byte[] mended = PngBuilder.Chunk(Encoding.Latin1.GetString(file, at + 4, 4), file.AsSpan(at + 8, (int)length).ToArray());
            mended.CopyTo(file, at);
            at += mended.Length;
        }
    }

    private static IEnumerable<byte[]> Samples(string ending) =>
        PictureSamples.All.Where(sample => sample.Key.EndsWith(ending, StringComparison.Ordinal)).Select(sample => sample.Value.File);

    private static IEnumerable<byte[]> Pngs()
    {
        (int Colour, int Depth)[] kinds =
            [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)];
        foreach ((int colour, int depth) in kinds)
        {
            foreach (bool interlaced in (bool[])[false, true])
            {
                yield return new PngBuilder(19, 14, depth, colour, (x, y, c) => ((x * 31) + (y * 57) + (c * 91)) & ((1 << depth) - 1))
                {
                    Interlaced = interlaced,
                    Filter = y => y % 5,
                    Pieces = 1 + (depth % 3),
                    Palette = colour == 3 ? [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)i)] : null,
                    Transparency = colour switch { 0 => [0, 1], 2 => [0, 1, 0, 2, 0, 3], 3 => [1, 2], _ => null },
                    Before = interlaced ? [PngBuilder.Chunk("eXIf", OrientationTests.Exif(6, little: false))] : [],
                }.Build();
            }
        }
    }
}
