using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Model.Pictures;

/// <summary>Against Pillow's own resize: tests/GpuCam.Tests/Golden/pictures/make.py wrote what it gave.</summary>
public class ScaledPictureTests
{
    /// <summary>Rounded once here, once for each axis there.</summary>
    private const int Tolerance = 1;

    /// <summary>Pillow cuts overshoot to 0 and 255 between the axes as well.</summary>
    private const int OvershootTolerance = 20;

    private static readonly JsonElement s_golden = Read();

    public static TheoryData<string> Filters => ["nearest", "bilinear", "bicubic", "lanczos"];

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_picture_is_scaled_as_pillow_does_it(string filter)
    {
        int cases = 0;
        foreach (JsonElement golden in s_golden.GetProperty("scaled").EnumerateArray().Where(one => Text(one, "filter") == filter))
        {
            (int width, int height) = (Number(golden, "width"), Number(golden, "height"));
            byte[] expected = golden.GetProperty("pixels").GetBytesFromBase64(), scaled = new byte[expected.Length];
            Resampler.Scale(
                PreprocessingFile.Filters[filter], Drawn(width, height), width, height, Number(golden, "new_width"),
                Number(golden, "new_height"), scaled);
            int[] differences = [.. expected.Zip(scaled, (a, b) => Math.Abs(a - b))];
            bool overshoots = filter is "bicubic" or "lanczos";
            Assert.InRange(differences.Max(), 0, filter == "nearest" ? 0 : overshoots ? OvershootTolerance : Tolerance);
            Assert.True(
                !overshoots || differences.Count(difference => difference > Tolerance) <= expected.Length / 10,
                $"{width} x {height}: {differences.Count(difference => difference > Tolerance)} of {expected.Length} differ");
            cases++;
        }

        Assert.Equal(7, cases);
    }

    [Fact]
    public void Crop_is_what_torchvisions_resize_and_center_crop_give()
    {
        foreach (JsonElement golden in s_golden.GetProperty("crops").EnumerateArray())
        {
            (int width, int height) = (Number(golden, "width"), Number(golden, "height"));
            (int newWidth, int newHeight) = (Number(golden, "new_width"), Number(golden, "new_height"));
            byte[] expected = golden.GetProperty("pixels").GetBytesFromBase64();
            var raw = new Preprocessing
            {
                Name = "raw", Height = newHeight, Width = newWidth, Scale = 1,
                Margin = (double)Number(golden, "resize") / Math.Min(newWidth, newHeight),
            };
            float[] input = new float[expected.Length];
            raw.Apply(Drawn(width, height), raw.Plan(width, height), 3, input);
            Assert.All(expected.Zip(input), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Tolerance));
        }
    }

    [Fact]
    public void A_photograph_is_read_and_scaled_as_pillow_does_it()
    {
        foreach (JsonElement golden in s_golden.GetProperty("photographs").EnumerateArray())
        {
            Image8 photograph = ImageReader.ReadFile(Photograph(Text(golden, "file")));
            Image8 scaled = photograph.ScaledTo(Number(golden, "new_width"), Number(golden, "new_height"));
            Assert.All(
                golden.GetProperty("pixels").GetBytesFromBase64().Zip(scaled.Pixels),
                pair => Assert.InRange(pair.First - pair.Second, -Tolerance, Tolerance));
        }
    }

    [Theory]
    [InlineData(1, 1, 300, 200)]
    [InlineData(2000, 1, 7, 5)]
    [InlineData(1, 2000, 5, 7)]
    [InlineData(257, 129, 256, 128)]
    [InlineData(33, 65, 1, 1)]
    public void A_picture_of_one_colour_keeps_it_at_any_size(int width, int height, int newWidth, int newHeight)
    {
        byte[] plain = new byte[width * height * 3], scaled = new byte[newWidth * newHeight * 3];
        foreach (PictureFilter filter in Enum.GetValues<PictureFilter>())
        {
            foreach (byte value in (byte[])[0, 77, 255])
            {
                plain.AsSpan().Fill(value);
                Resampler.Scale(filter, plain, width, height, newWidth, newHeight, scaled);
                Assert.True(scaled.AsSpan().IndexOfAnyExcept(value) < 0, $"{filter} of {value}");
            }
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        string message = Assert.Throws<GpuCamException>(
            () => Resampler.Scale(PictureFilter.Bilinear, new byte[11], 2, 2, 1, 1, new byte[3])).Message;
        Assert.Equal("11 bytes for 2 x 2 pixels of RGB cannot be scaled to 3 bytes for 1 x 1; give 3 bytes a pixel", message);
    }

    internal static string Photograph(string name) => Path.Combine(DocCommand.Root, "data", "photographs", name);

    /// <summary>Rough, and smooth in places; the formula is in make.py too.</summary>
    internal static byte[] Drawn(int width, int height)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width, c = i % 3;
            pixels[i] = (byte)((x + y) % 11 < 6 ? (x * x * 7) + (y * 13) + (x * y * 3) + (c * 91) : (9 * x) + (5 * y) + (40 * c));
        }

        return pixels;
    }

    private static JsonElement Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden.Folder(), "pictures", "scaled.json")));
        return document.RootElement.Clone();
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
