using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Model.Onnx;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>A network of an ONNX file with what says how it is fed beside it, and pictures of several sizes.</summary>
internal static class TinyPictures
{
    private static readonly Lazy<string> s_folder = new(Make);

    /// <summary>Classes of the network.</summary>
    public static string[] Names { get; } = ["cat", "rocket", "coffee", "dog", "bird"];

    /// <summary>The network; it takes 24 rows of 18 pixels, cut out of the middle.</summary>
    public static string Model => Path.Combine(s_folder.Value, "net.onnx");

    /// <summary>On one thread of the processor: the pictures are tiny.</summary>
    public static ExplainerOptions Options { get; } = new() { Backend = Backend.Simd, Threads = 1 };

    /// <summary>Pictures that differ in everything.</summary>
    public static RgbPicture[] Pictures { get; } = [Picture(40, 30, 1), Picture(18, 24, 2), Picture(17, 53, 3), Picture(64, 48, 4)];

    public static Explainer Load() => Explainer.Load(Model, Options);

    public static RgbPicture Picture(int width, int height, int seed)
    {
        byte[] pixels = new byte[3 * width * height];
        new Random(seed).NextBytes(pixels);
        return new RgbPicture(pixels, width, height);
    }

    public static Explanation Explain(this Explainer explainer, RgbPicture picture, ExplainRequest? request = null) =>
        explainer.Explain(picture.Pixels.Span, picture.Width, picture.Height, request);

    /// <summary>Everything that was computed is the same, to the bit.</summary>
    public static void AssertSame(Explanation expected, Explanation actual)
    {
        Assert.Equal(expected.Geometry, actual.Geometry);
        Assert.Equal(expected.Predictions, actual.Predictions);
        Assert.Equal(expected.Maps.Count, actual.Maps.Count);
        foreach ((ClassMap one, ClassMap other) in expected.Maps.Zip(actual.Maps))
        {
            Assert.Equal((one.Class, one.Method, one.Layer), (other.Class, other.Method, other.Layer));
            Assert.Equal((one.Box, one.Range), (other.Box, other.Range));
            Assert.Equal(one.Raw, other.Raw);
            Assert.Equal(one.Values, other.Values);
        }
    }

    private static string Make()
    {
        string folder = Directory.CreateTempSubdirectory("gpucam-explain-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        File.Copy(Path.Combine(PeerFolder.Small, "resnet", "opset13.onnx"), Path.Combine(folder, "net.onnx"));
        File.WriteAllText(Path.Combine(folder, "net.preprocess.json"), """{ "preset": "unit", "mean": [0.4, 0.5, 0.6] }""");
        File.WriteAllLines(Path.Combine(folder, "net.classes.txt"), Names);
        return folder;
    }
}
