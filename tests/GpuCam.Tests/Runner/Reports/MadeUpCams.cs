using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Reports;

/// <summary>
/// A folder as <c>gpucam cam</c> writes it for photographs, without the network: every one upright or lying, seen in a square in its
/// middle, with a map of its first class.
/// </summary>
internal sealed class MadeUpCams
{
    public const int InputSize = 56, MapSize = 7, Classes = 5;

    // As many different ones are enough: drawing them takes longer than all else.
    private const int Different = 12;
    private readonly Dictionary<int, byte[]> _pictures = [];

    /// <param name="folder">Where to.</param>
    /// <param name="images">How many.</param>
    /// <param name="side">The longer side of the copies to draw on; pictures themselves have ten times as many pixels.</param>
    /// <param name="change">What is to be different about an image.</param>
    public MadeUpCams(string folder, int images, int side = 320, Func<CamImage, int, CamImage>? change = null)
    {
        Folder = folder;
        Images = [.. Enumerable.Range(0, images).Select(i => change is null ? Image(i, side) : change(Image(i, side), i))];
        Save(CamManifest.CurrentFormat);
    }

    public string Folder { get; }

    public IReadOnlyList<CamImage> Images { get; }

    public string Manifest => Path.Combine(Folder, CamReport.ManifestName);

    public static string ClassName(int index) => $"class {(char)('a' + (index % Classes))}";

    /// <summary>The probability of image <paramref name="i"/>'s first class: in no order.</summary>
    public static double Confidence(int i) => 0.3 + (0.69 * (((i * 37) % 100) / 100.0));

    /// <summary>Every fourth answer is wrong, and of every tenth image the class is not known.</summary>
    public static string? Truth(int i) => i % 10 == 9 ? null : ClassName(i % 4 == 3 ? i + 1 : i);

    public void Save(string format) => File.WriteAllText(Manifest, RunnerJson.Pretty(new CamManifest(
        format, "network.onnx", "gradcam", "layer4", "half-pixel", 0.2f, Images)));

    private CamImage Image(int i, int side)
    {
        int wide = i % 3 == 1 ? side * 3 / 4 : side, high = i % 3 == 1 ? side : side * 3 / 4;
        string name = $"photo_{i + 1}";
        Directory.CreateDirectory(Path.Combine(Folder, name));
        File.WriteAllBytes(Path.Combine(Folder, name, "input.jpg"), Picture(i % Different, wide, high));
        float[] map = Map(i);
        Npy.WriteFile(Path.Combine(Folder, name, "map.npy"), map, [InputSize, InputSize]);
        int width = 10 * wide, height = 10 * high, seen = Math.Min(width, height), x = (width - seen) / 2, y = (height - seen) / 2;
        string predicted = ClassName(i);
        return new CamImage(
            $"photos/{name}.jpg", $"{name}/input.jpg", width, height, new Box(x, y, x + seen - 1, y + seen - 1), Truth(i), null, null,
            [
                new CamPrediction(predicted, i % Classes, null, Confidence(i), 1),
                new CamPrediction(ClassName(i + 1), (i + 1) % Classes, null, 0.01, 0),
            ],
            [
                new CamMap(
                    predicted, i % Classes, null, "gradcam", "layer4", $"{name}/map.png", $"{name}/map.npy", map.Min(), map.Max(), true,
                    MapState.Normal, null, new Box(x, y, x + (seen / 2), y + (seen / 2))),
            ]);
    }

    private byte[] Picture(int kind, int width, int height)
    {
        int key = (kind * 2) + (width > height ? 1 : 0);
        if (!_pictures.TryGetValue(key, out byte[]? file))
        {
            var random = new Random(kind);
            var image = new Image8(width, height);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    int noise = random.Next(24);
                    image[x, y] = new Rgb(
                        (byte)((x * 200 / width) + noise), (byte)((y * 200 / height) + noise), (byte)((kind * 17) + noise));
                }
            }

            using var stream = new MemoryStream();
            JpegWriter.Write(image, stream, JpegWriter.Thumbnail);
            _pictures.Add(key, file = stream.ToArray());
        }

        return file;
    }

    /// <summary>A small map enlarged: a hill on a rough plain.</summary>
    private static float[] Map(int i)
    {
        var random = new Random(i);
        double[] small = new double[MapSize * MapSize];
        for (int at = 0; at < small.Length; at++)
        {
            small[at] = (random.NextDouble() / 2) - 0.4 + (at == i % small.Length ? 5 : 0);
        }

        var axis = new ResizeAxis(MapSize, InputSize, 1);
        float[] map = new float[InputSize * InputSize];
        for (int y = 0; y < InputSize; y++)
        {
            for (int x = 0; x < InputSize; x++)
            {
                map[(y * InputSize) + x] = (float)((Row(axis.Lower(y), x) * (1 - axis.UpperShare(y)))
                    + (Row(axis.Upper(axis.Lower(y)), x) * axis.UpperShare(y)));
            }
        }

        return map;

        double Row(int row, int x)
        {
            int lower = axis.Lower(x);
            return (small[(row * MapSize) + lower] * (1 - axis.UpperShare(x)))
                + (small[(row * MapSize) + axis.Upper(lower)] * axis.UpperShare(x));
        }
    }
}
