using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Images;

/// <summary>How pictures are turned and shown, from the command line to the files: as data or an option say, not as pixels look.</summary>
public sealed class ShownImageTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private const int Size = 32;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_grey_photograph_is_drawn_as_one_that_has_a_single_red_pixel()
    {
        string model = _folder["model.safetensors"];
        File.Copy(trained.Model, model);
        Image8 grey = Overlay(model, Photograph(0)), reddish = Overlay(model, Photograph(1));
        int worst = grey.Pixels.Zip(reddish.Pixels, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 0, 8);
        // Half of a bright picture stays bright under any colours; of its negative only the colours would be left.
        Assert.All(Enumerable.Range(0, Size), i => Assert.True(Brightest(grey, i) >= 110, $"column {i}"));
    }

    [Fact]
    public void What_a_model_was_trained_on_decides_unless_an_option_does()
    {
        string photograph = Photograph(0);
        Assert.Equal("dark", Background(trained.Model, photograph));
        Assert.Equal("dark", Background(trained.Run, photograph));
        Assert.Equal("dark", Background(Path.Combine(trained.Run, "checkpoints", "step-12.safetensors"), photograph));
        Assert.Equal("light", Background(trained.Model, photograph, "--background", "light"));
        string model = _folder["model.safetensors"];
        File.Copy(trained.Model, model);
        Assert.Equal("light", Background(model, photograph));
        Assert.Equal("dark", Background(model, photograph, "--background", "dark"));
        _folder.Write("run.json", "{\"this\": \"is somebody else's\"}");
        Assert.Equal("light", Background(model, photograph));
    }

    [Theory]
    [InlineData("light", false)]
    [InlineData("dark", true)]
    public void The_page_of_maps_shows_images_as_the_pictures_do(string background, bool inverted)
    {
        string photograph = Photograph(0);
        Assert.Equal(background, Background(trained.Model, photograph, "--background", background));
        string shown = inverted ? "\"inverted\":true" : "\"inverted\":false";
        Assert.Contains(shown, File.ReadAllText(_folder["cams/cam.html"]), StringComparison.Ordinal);
        Image8 overlay = ImageReader.ReadFile(Directory.EnumerateFiles(_folder["cams/photograph"], "cam_*.png").Single());
        // The picture is 250 in its first column: half of that, or half of 5, is what the colours are mixed with.
        Assert.Equal(inverted, overlay.Pixels.Chunk(3 * overlay.Width).Take(400).All(row => row.Take(3).Min() < 100));
    }

    [Fact]
    public void Generated_samples_are_drawn_as_ink_on_paper_and_those_of_a_folder_as_they_are()
    {
        Assert.Contains("\"inverted\":true", Page(trained.Run), StringComparison.Ordinal);
        string[] options =
            ["--data", trained.Samples, "--widths", "4,8", "--batch", "4", "--steps", "1", "--heatmaps", "1", "--threads", "1"];
        Gpucam.Call(["train", "--out", _folder["light"], .. options]).Succeeded();
        Gpucam.Call(["train", "--out", _folder["dark"], .. options, "--background", "dark"]).Succeeded();
        Assert.Contains("\"inverted\":false", Page(_folder["light"]), StringComparison.Ordinal);
        Assert.Contains("\"inverted\":true", Page(_folder["dark"]), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_folder["light/img_1/input.png"]), File.ReadAllBytes(_folder["dark/img_1/input.png"]));
        Assert.Equal(File.ReadAllBytes(_folder["light/last.safetensors"]), File.ReadAllBytes(_folder["dark/last.safetensors"]));
        double light = ImageReader.ReadFile(_folder["light/img_1/cam_1.png"]).Pixels.Average(b => b);
        double dark = ImageReader.ReadFile(_folder["dark/img_1/cam_1.png"]).Pixels.Average(b => b);
        Assert.True(dark > light + 50, $"the canvas is black, so its negative is far brighter: {light}, {dark}");
        Gpucam.Call("train", "--resume", "--out", _folder["light"], "--background", "dark").Refused("background");

        static string Page(string run) => File.ReadAllText(Path.Combine(run, "report.html"));
    }

    [Fact]
    public void Images_are_turned_as_their_files_say_unless_an_option_leaves_them()
    {
        byte[] chunk = PngBuilder.Chunk("eXIf", OrientationTests.Exif(6, little: true));
        string path = _folder.Write("turned.png", new PngBuilder(Size, Size, 8, 0, (x, y, _) => (y * 7) + x) { Before = [chunk] }.Build());
        Gpucam.Call("cam", "--model", trained.Model, path, "--top", "1", "--out", _folder["exif"]).Succeeded();
        Gpucam.Call("cam", "--model", trained.Model, path, "--top", "1", "--out", _folder["stored"], "--orientation", "stored").Succeeded();
        Image8 turned = ImageReader.ReadFile(_folder["exif/turned/input.png"]);
        Image8 stored = ImageReader.ReadFile(_folder["stored/turned/input.png"]);
        Assert.Equal(7 + 3, stored[3, 1].R);
        Assert.Equal(stored[0, Size - 1], turned[0, 0]);
        Assert.Equal(stored[1, Size - 1], turned[0, 1]);

        File.Copy(path, Directory.CreateDirectory(_folder["data"]).FullName + "/img_1.png");
        _folder.Write("data/labels.txt", "1\t3\n");
        Assert.Equal(stored[0, Size - 1].R, FirstPixel(DataFixtures.Open(_folder["data"], classes: DataFixtures.ClassNames)));
        Assert.Equal(
            stored[0, 0].R, FirstPixel(DataFixtures.Open(_folder["data"], 1, DataFixtures.ClassNames, ImageOrientation.Stored)));

        static double FirstPixel(ISampleSource folder)
        {
            float[] image = new float[Size * Size];
            folder.Fill(0, image, out _, out _, []);
            return Math.Round(image[0] * 255);
        }
    }

    [Fact]
    public void Names_that_are_not_known_are_refused()
    {
        foreach (string[] command in (string[][])[["train"], ["cam", "--model", trained.Model, trained.Image]])
        {
            Gpucam.Call([.. command, "--out", _folder["none"], "--background", "grey"]).Refused("--background grey", "dark", "light");
            Gpucam.Call([.. command, "--out", _folder["none"], "--orientation", "up"]).Refused("--orientation up", "exif", "stored");
        }

        Gpucam.Call("eval", "--model", trained.Model, "--orientation", "up").Refused("--orientation up", "exif or stored");
    }

    /// <summary>A bright picture with a gradient, grey but for one pixel's red.</summary>
    private string Photograph(int red)
    {
        var image = new Image8(Size, Size);
        for (int i = 0; i < Size * Size; i++)
        {
            image[i % Size, i / Size] = Rgb.FromGrey((byte)(250 - (i / Size)));
        }

        Rgb first = image[5, 5];
        image[5, 5] = first with { R = (byte)(first.R + red) };
        string path = _folder["photograph.png"];
        PngWriter.WriteFile(path, image);
        return path;
    }

    private string Background(string model, string image, params string[] options)
    {
        string[] command = ["cam", "--model", model, image, "--top", "1", "--out", _folder["cams"], .. options, "--json"];
        JsonElement manifest = Gpucam.Call(command).Json();
        return manifest.GetProperty("background").GetString()!;
    }

    private Image8 Overlay(string model, string image)
    {
        Assert.Equal("light", Background(model, image));
        return ImageReader.ReadFile(Directory.EnumerateFiles(_folder["cams/photograph"], "cam_*.png").Single());
    }

    private static int Brightest(Image8 overlay, int column)
    {
        Rgb pixel = overlay[(column * overlay.Width / Size) + 5, 20];
        return Math.Max(pixel.R, Math.Max(pixel.G, pixel.B));
    }
}
