using System.Text;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>
/// Score maps, boxes and masks of whole numbers, the same as Golden/localisation/make.py makes: blobs, noise, rings, plateaus, specks.
/// </summary>
internal static class MadeMaps
{
    public const int Count = 32;
    public const int Side = ContourRules.Side;

    /// <summary>The map of picture <paramref name="i"/>, as if it had <see cref="Side"/> rows and columns and few were looked at.</summary>
    public static double[] Map(int i, int rows, int columns)
    {
        long[] whole = new long[rows * columns];
        for (int at = 0; at < whole.Length; at++)
        {
            whole[at] = Whole(i, at % columns * Side / columns, at / columns * Side / rows);
        }

        double most = Math.Max(1, whole.Max());
        double[] map = Array.ConvertAll(whole, value => value / most);
        return i % 2 == 0 ? map : Array.ConvertAll(map, value => (double)(float)value);
    }

    /// <summary>A picture that needs no file, with its boxes or its masks.</summary>
    public static DataPicture Picture(int i, string? maskFolder)
    {
        (int width, int height) = (Between(90, 560, i, 51), Between(70, 430, i, 52));
        var picture = new DataPicture($"test/{i}.jpg", "", 0) { Width = width, Height = height };
        return maskFolder is null ? picture with { Boxes = Boxes(i, width, height) } : WithMasks(picture, i, maskFolder);
    }

    /// <summary>Writes a map, odd ones in single precision.</summary>
    public static void Write(string path, double[] map, int rows, int columns, bool single)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (single)
        {
            Npy.WriteFile(path, Array.ConvertAll(map, value => (float)value), [rows, columns]);
            return;
        }

        string header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".PadRight(117) + "\n";
        using FileStream file = File.Create(path);
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
        foreach (double value in map)
        {
            file.Write(BitConverter.GetBytes(value));
        }
    }

    private static int Between(int low, int high, params int[] key) => low + (int)(Number(key) % (high - low + 1));

    private static long Number(params int[] key)
    {
        long value = 17;
        foreach (int part in key)
        {
            value = ((value * 1000003) + (part * 7919L) + 12345) % 2147483647;
        }

        return value / 8;
    }

    private static (int X, int Y, int R) Bump(int i, int k) =>
        (Between(10, 213, i, k, 1), Between(10, 213, i, k, 2), Between(8, 70, i, k, 3));

    private static long Whole(int i, int x, int y)
    {
        switch (i % 8)
        {
            case 0 or 4 or 6:
                long most = 0;
                for (int k = 0; k < 3; k++)
                {
                    (int cx, int cy, int r) = Bump(i, k);
                    most = Math.Max(most, Math.Max(0, r - Math.Max(Math.Abs(x - cx), Math.Abs(y - cy))) * (k + 2));
                }

                return (i % 8) switch { 0 => most, 4 => most / 25, _ => most * (1 + (((x / 3) + (y / 5)) % 2)) };
            case 1:
                return Enumerable.Range(0, 3).Select(k => Bump(i, k))
                    .Sum(bump => (long)Math.Max(0, (2 * bump.R) - Math.Abs(x - bump.X) - Math.Abs(y - bump.Y)));
            case 2:
                return x < 60 && y < 60 ? (((x * 7919L) + (y * 104729L) + (i * 31)) * (x + (3 * y) + 7) % 10007) % 1001 : x + y;
            case 3:
                (int ringX, int ringY, int radius) = Bump(i, 0);
                int far = Math.Max(Math.Abs(x - ringX), Math.Abs(y - ringY));
                return Math.Max(
                    Math.Max(0, 12 - Math.Abs(far - radius)) * 5, Math.Max(0, (radius / 3) - Math.Abs(x - ringX) - Math.Abs(y - ringY)));
            case 5:
                int sparse = ((x * 31) + (y * 17) + (x * y) + i) % 97;
                return sparse < 2 ? sparse + 1 : 0;
            default:
                return (i % 32) switch { 7 => 0, 15 => 1, _ => x + (2 * y) };
        }
    }

    private static List<Box> Boxes(int i, int width, int height)
    {
        var boxes = new List<Box>();
        for (int k = 0; k < 1 + (int)(Number(i, 61) % 3); k++)
        {
            (int x, int y, int r) = Bump(i, k);
            r = r * Between(50, 110, i, k, 62) / 100;
            boxes.Add(new Box(
                Math.Max(0, x - r) * width / Side, Math.Max(0, y - r) * height / Side,
                Math.Min(Side - 1, x + r) * width / Side, Math.Min(Side - 1, y + r) * height / Side));
        }

        return boxes;
    }

    private static DataPicture WithMasks(DataPicture picture, int i, string folder)
    {
        (int width, int height) = (Between(60, 400, i, 71), Between(60, 400, i, 72));
        string[] masks =
        [
            .. Enumerable.Range(0, 1 + (int)(Number(i, 73) % 2)).Select(k =>
            {
                (int cx, int cy, int r) = Bump(i, k);
                return Save($"{i}_{k}.png", (x, y) =>
                    (Math.Abs((x * (long)Side) - (cx * (long)width)) * height) + (Math.Abs((y * (long)Side) - (cy * (long)height)) * width)
                    <= r * (long)width * height);
            }),
        ];
        (int ignoredX, int ignoredY, int extent) = Bump(i, 2);
        string ignore = Save($"{i}_ignore.png", (x, y) =>
            Math.Abs((x * Side) - (ignoredX * width)) <= extent * width && Math.Abs((y * Side) - (ignoredY * height)) <= extent * height);
        return picture with { Masks = masks, IgnoreMask = ignore };

        string Save(string name, Func<int, int, bool> isInside)
        {
            var image = new Image8(width, height);
            for (int at = 0; at < width * height; at++)
            {
                image[at % width, at / width] = Rgb.FromGrey(isInside(at % width, at / width) ? (byte)255 : (byte)0);
            }

            string path = Path.Combine(folder, name);
            PngWriter.WriteFile(path, image);
            return path;
        }
    }
}
