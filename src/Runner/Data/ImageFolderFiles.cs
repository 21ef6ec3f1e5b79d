using System.Buffers.Binary;
using System.Globalization;

namespace GpuCam.Runner.Data;

/// <summary>The image files of a folder. Every error names the file and what to do with it.</summary>
internal static class ImageFolderFiles
{
    /// <summary>Where image <paramref name="number"/> is written.</summary>
    public static string PathOf(string folder, int number) => Path.Combine(folder, $"img_{number}.png");

    /// <summary>The images by number: one for each from 1 on.</summary>
    public static string[] Find(string folder)
    {
        var images = new Dictionary<int, string>();
        foreach (string path in Directory.EnumerateFiles(folder, "img_*.png").Order(StringComparer.Ordinal))
        {
            ReadOnlySpan<char> digits = Path.GetFileNameWithoutExtension(path).AsSpan("img_".Length);
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                continue;
            }

            if (number == 0)
            {
                throw new GpuCamException($"{path}: images are numbered from 1 on; rename it");
            }

            if (!images.TryAdd(number, path))
            {
                throw new GpuCamException(
                    $"{path}: has the number of {Path.GetFileName(images[number])}; keep one of them, or give it another number");
            }
        }

        if (images.Count == 0)
        {
            throw new GpuCamException($"{folder}: holds no img_1.png; give a folder with img_1.png … and {ImageFolderTables.Labels}");
        }

        int last = images.Keys.Max();
        string[] ordered = new string[images.Count];
        for (int number = 1; number <= ordered.Length; number++)
        {
            ordered[number - 1] = images.TryGetValue(number, out string? path) ? path
                : throw new GpuCamException($"{PathOf(folder, number)}: missing, although {Path.GetFileName(images[last])} is there; "
                    + $"number the images 1 to {images.Count} without a gap");
        }

        return ordered;
    }

    /// <summary>Reads the first bytes of every image and returns the one size they all have.</summary>
    public static int SizeOf(string[] images)
    {
        var sizes = new (int Width, int Height)?[images.Length];
        AllCores.For(images.Length, i => sizes[i] = ReadPngSize(images[i]));
        for (int i = 0; i < images.Length; i++)
        {
            string path = images[i];
            if (sizes[i] is not { } size)
            {
                throw new GpuCamException($"{path}: offset 0: not a PNG file, although its name says so; replace it");
            }

            if (size.Width != size.Height)
            {
                throw new GpuCamException($"{path}: {size.Width}x{size.Height} pixels; samples are square, so crop it");
            }

            if (size != sizes[0])
            {
                throw new GpuCamException($"{path}: {size.Width}x{size.Height} pixels, but {Path.GetFileName(images[0])} has "
                    + $"{sizes[0]!.Value.Width}x{sizes[0]!.Value.Height}; all images of a folder have one size");
            }
        }

        return sizes[0]!.Value.Width;
    }

    private static (int Width, int Height)? ReadPngSize(string path)
    {
        Span<byte> start = stackalloc byte[24];
        int read;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); put a readable image there", e);
        }

        bool isPng = read == start.Length && start[0] == 0x89 && start[1..].StartsWith("PNG\r\n\u001a\n"u8)
            && start[12..].StartsWith("IHDR"u8);
        if (!isPng)
        {
            return null;
        }

        return (BinaryPrimitives.ReadInt32BigEndian(start[16..]), BinaryPrimitives.ReadInt32BigEndian(start[20..]));
    }
}
