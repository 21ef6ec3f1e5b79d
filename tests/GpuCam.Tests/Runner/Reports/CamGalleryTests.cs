using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Reports;

/// <summary>What a page holds of pictures of any size and number.</summary>
public sealed class CamGalleryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_photograph_has_its_own_size_the_part_that_was_seen_and_what_was_said_of_it()
    {
        var cams = new MadeUpCams(_folder.Path, images: 2);
        GalleryData data = Read(cams).Data()!;
        GalleryImage lying = data.Images[0], upright = data.Images[1];
        Assert.Equal((3200, 2400), (lying.Width, lying.Height));
        Assert.Equal([400, 0, 2799, 2399], lying.Seen);
        Assert.Equal([0, 400, 2399, 2799], upright.Seen);
        Assert.Equal((MadeUpCams.InputSize, MadeUpCams.InputSize), (lying.Columns, lying.Rows));
        Assert.Equal("class a", lying.Truth);
        Assert.Equal([new GalleryAnswer("class a", MadeUpCams.Confidence(0)), new GalleryAnswer("class b", 0.01)], lying.Answers);
        GalleryFrame frame = data.Items[0].Frames[0]!;
        Assert.Equal((MadeUpCams.MapSize, MadeUpCams.MapSize), (frame.Map.Width, frame.Map.Height));
        Assert.Equal([400, 0, 1600, 1200], frame.Box);
    }

    [Theory]
    [InlineData(1, 1000, "image/jpeg", 640, 480)]
    [InlineData(101, 1000, "image/jpeg", 320, 240)]
    [InlineData(1, 100, "image/jpeg", 100, 75)]
    public void Pictures_are_held_as_large_as_their_number_allows(int images, int side, string type, int width, int height)
    {
        GalleryImage image = Read(new MadeUpCams(_folder.Path, images, side)).Data()!.Images[0];
        Assert.Equal(type, image.Type);
        Image8 held = ImageReader.Read(new MemoryStream(Convert.FromBase64String(image.Picture)), "held");
        Assert.Equal((width, height), (held.Width, held.Height));
    }

    [Fact]
    public void A_small_file_is_held_as_it_is()
    {
        var digit = new Image8(28, 28);
        digit.FillRectangle(5, 5, 4, 18, Rgb.FromGrey(255));
        PngWriter.WriteFile(_folder["digit.png"], digit);
        var held = GalleryPicture.Within(_folder["digit.png"], 320);
        Assert.Equal("image/png", held.Type);
        Assert.Equal(File.ReadAllBytes(_folder["digit.png"]), Convert.FromBase64String(held.Text));
    }

    [Fact]
    public void A_thousand_images_are_held_and_what_is_left_out_is_said()
    {
        CamGallery gallery = Read(new MadeUpCams(_folder.Path, images: 1003, side: 16));
        GalleryData data = gallery.Data()!;
        Assert.Equal((1000, 1000), (data.Images.Count, data.Items.Count));
        Assert.Equal([.. Enumerable.Range(1, 1000).Select(i => $"photos/photo_{i}.jpg")], data.Images.Select(image => image.Name));
        Assert.Equal("3 more maps, of 3 images, are in the folder, but not in this page.", Assert.Single(gallery.Notes));
    }

    [Fact]
    public void A_manifest_of_an_earlier_version_is_refused_by_its_format()
    {
        var cams = new MadeUpCams(_folder.Path, images: 1);
        cams.Save("gpucam-cams/1");
        Refused(cams, "format 'gpucam-cams/1' is not gpucam-cams/2");
    }

    [Theory]
    [InlineData(-1, 0, 9, 9)]
    [InlineData(0, 0, 3200, 9)]
    [InlineData(9, 0, 8, 9)]
    public void A_part_that_lies_outside_its_picture_is_refused(int x0, int y0, int x1, int y1) =>
        Refused(
            new MadeUpCams(_folder.Path, 1, change: (image, _) => image with { Seen = new Box(x0, y0, x1, y1) }), "no manifest of maps");

    [Fact]
    public void Padding_of_the_input_lies_over_no_picture()
    {
        var cams = new MadeUpCams(_folder.Path, 1, change: (image, _) => image with
        {
            Seen = new Box(0, 0, image.Width - 1, image.Height - 1),
            Shown = new Box(0, 7, 55, 48),
        });
        GalleryData data = Read(cams).Data()!;
        Assert.Equal((56, 42, null), (data.Images[0].Columns, data.Images[0].Rows, data.Images[0].Seen));
        (float[] map, _) = Npy.ReadFile(_folder["photo_1/map.npy"]);
        PackedMap expected = new MapPacker(56, 42, ResizeMode.HalfPixel).Pack(map.AsSpan(7 * 56, 42 * 56));
        Assert.Equal(expected, data.Items[0].Frames[0]!.Map);
    }

    [Fact]
    public void A_part_of_the_input_that_is_none_is_refused() => Refused(
        new MadeUpCams(_folder.Path, 1, change: (image, _) => image with { Shown = new Box(0, 7, 56, 48) }),
        "0,7,56,48 is no part of a map");

    [Fact]
    public void Maps_of_different_sizes_over_one_image_are_refused()
    {
        var cams = new MadeUpCams(
            _folder.Path, 1, change: (image, _) => image with { Maps = [image.Maps[0], image.Maps[0] with { Raw = "b.npy" }] });
        Npy.WriteFile(_folder["b.npy"], new float[6], [2, 3]);
        Refused(cams, "b.npy: a map of shape (2, 3) beside others of (56, 56)");
    }

    [Fact]
    public void What_was_refused_is_noted_with_a_few_names()
    {
        var cams = new MadeUpCams(_folder.Path, 1);
        var manifest = new CamManifest(CamManifest.CurrentFormat, "m", "cam", "l", "half-pixel", 0.2f, cams.Images,
            Refused: [.. Enumerable.Range(0, 5).Select(i => new CamRefusal($"{i}.jpg", "damaged"))]);
        File.WriteAllText(cams.Manifest, GpuCam.Runner.RunnerJson.Pretty(manifest));
        Assert.Equal("Not drawn: 0.jpg, 1.jpg, 2.jpg and 2 more; the manifest has the reasons.", Assert.Single(Read(cams).Notes));
    }

    private static CamGallery Read(MadeUpCams cams)
    {
        var gallery = new CamGallery();
        gallery.Add(cams.Manifest);
        return gallery;
    }

    private static void Refused(MadeUpCams cams, string part) =>
        Assert.Contains(part, Assert.Throws<GpuCamException>(() => Read(cams)).Message, StringComparison.Ordinal);
}
