using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Model.Explaining;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Cams;

/// <summary>What a program gets from the library is what <c>gpucam cam</c> writes.</summary>
public sealed class ExplainerLikeCamTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_a_run_of_our_own()
    {
        AssertSame(trained.Run, trained.Image, "cam", null, CamSmoothing.None, ImageBackground.Dark);
        AssertSame(trained.Run, trained.Image, "fullgrad", null, CamSmoothing.None, ImageBackground.Dark);
        AssertSame(trained.Model, trained.Image, "gradcam", "conv1+pool2", CamSmoothing.Augmentation, ImageBackground.Dark);
    }

    [Fact]
    public void Of_an_ONNX_file_with_what_lies_beside_it()
    {
        RgbPicture picture = TinyPictures.Picture(50, 40, 9);
        PngWriter.WriteFile(_folder["picture.png"], Image8.FromRgb(picture.Pixels.Span, 50, 40));
        AssertSame(TinyPictures.Model, _folder["picture.png"], "layercam", "middle", CamSmoothing.None, ImageBackground.Light);
        AssertSame(TinyPictures.Model, _folder["picture.png"], "eigencam", "last", CamSmoothing.None, ImageBackground.Light);
    }

    private void AssertSame(
        string model, string file, string method, string? layer, CamSmoothing smoothing, ImageBackground background)
    {
        JsonElement image = Gpucam.Call(["cam", "--model", model, file, "--method", method, "--top", "2", "--json", "--threads", "1",
            "--backend", "simd", "--smooth", smoothing == CamSmoothing.None ? "none" : "aug", "--out", _folder["cams"],
            .. layer is null ? (string[])[] : ["--layer", layer]]).Json().GetProperty("images")[0];
        Image8 picture = ImageReader.ReadFile(file);
        using var explainer = Explainer.Load(model, TinyPictures.Options);
        Explanation explanation = explainer.Explain(picture.Pixels, picture.Width, picture.Height, new ExplainRequest
        {
            Method = method, Layer = layer, Smoothing = smoothing, Top = 2,
        });
        foreach ((JsonElement listed, ClassPrediction prediction) in image.GetProperty("predictions").EnumerateArray()
            .Zip(explanation.Predictions))
        {
            Assert.Equal(listed.GetProperty("index").GetInt32(), prediction.Index);
            Assert.Equal(listed.GetProperty("class").GetString(), prediction.Name);
            Assert.Equal(listed.GetProperty("probability").GetDouble(), prediction.Probability);
        }

        Assert.Equal(2, image.GetProperty("maps").GetArrayLength());
        foreach ((JsonElement written, ClassMap map) in image.GetProperty("maps").EnumerateArray().Zip(explanation.Maps))
        {
            Assert.Equal(
                (Number(written, "index"), written.GetProperty("method").GetString(), written.GetProperty("layer").GetString()),
                (map.Class.Index, map.Method, map.Layer));
            Assert.Equal(Npy.ReadFile(Path.Combine(_folder["cams"], written.GetProperty("raw").GetString()!)).Values, map.Raw);
            Assert.Equal(written.TryGetProperty("box", out JsonElement box) && box.ValueKind == JsonValueKind.Object
                ? new Box(Number(box, "x0"), Number(box, "y0"), Number(box, "x1"), Number(box, "y1")) : null, map.Box);
            byte[] overlay = map.Overlay(picture.Pixels, new OverlayOptions { Background = background });
            AssertDrawn(Path.Combine(_folder["cams"], written.GetProperty("overlay").GetString()!), picture, overlay);
        }
    }

    /// <summary>The command enlarges small pictures and frames the box; the frame leaves the middles of pixels as they are.</summary>
    private static void AssertDrawn(string file, Image8 picture, byte[] overlay)
    {
        Image8 drawn = ImageReader.ReadFile(file);
        int scale = drawn.Width / picture.Width;
        Assert.True(scale > 5);
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                Rgb shown = drawn[(x * scale) + (scale / 2), (y * scale) + (scale / 2)];
                int at = 3 * ((y * picture.Width) + x);
                Assert.Equal(new Rgb(overlay[at], overlay[at + 1], overlay[at + 2]), shown);
            }
        }
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
