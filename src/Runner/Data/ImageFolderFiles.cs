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
}
