using GpuCam.Runner.Images;
using GpuCam.Tests.Model.Pictures;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Images;

/// <summary>JPEG files that the decoder makes smaller while it reads them.</summary>
public sealed class ReducedPictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(451, 300, 451, 300)]
    [InlineData(226, 150, 226, 150)]
    [InlineData(226, 151, 451, 300)]
    [InlineData(100, 75, 113, 75)]
    [InlineData(1, 1, 57, 38)]
    [InlineData(5000, 1, 451, 300)]
    public void The_smallest_size_that_is_enough_is_read(long leastWidth, long leastHeight, int width, int height)
    {
        DecodedPicture picture = ImageReader.ReadReduced(
            ScaledPictureTests.Photograph("chelsea.jpg"), ImageOrientation.Exif, (_, _) => (leastWidth, leastHeight));
        Assert.Equal((451, 300), (picture.Width, picture.Height));
        Assert.Equal((width, height), (picture.Image.Width, picture.Image.Height));
    }

    [Fact]
    public void What_is_reduced_is_nearly_what_scaling_the_whole_picture_gives()
    {
        foreach (string name in (string[])["chelsea.jpg", "coffee.jpg", "rocket.jpg"])
        {
            string path = ScaledPictureTests.Photograph(name);
            Image8 reduced = ImageReader.ReadReduced(path, ImageOrientation.Exif, (width, height) => (width / 4, height / 4)).Image;
            Image8 scaled = ImageReader.ReadFile(path).ScaledTo(reduced.Width, reduced.Height);
            Assert.InRange(reduced.Pixels.Zip(scaled.Pixels, (a, b) => (double)Math.Abs(a - b)).Average(), 0, 4);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    public void Sizes_are_those_of_the_upright_picture(int orientation)
    {
        byte[] plain = File.ReadAllBytes(ScaledPictureTests.Photograph("chelsea.jpg"));
        string path = _folder.Write("turned.jpg", OrientationTests.JpegWith(plain, OrientationTests.Exif(orientation, little: true)));
        bool swapped = orientation >= 5;
        (int, int) asked = default;
        DecodedPicture picture = ImageReader.ReadReduced(path, ImageOrientation.Exif, (width, height) =>
        {
            asked = (width, height);
            return swapped ? (150, 200) : (200, 150);
        });
        (int, int) whole = swapped ? (300, 451) : (451, 300);
        Assert.Equal(whole, asked);
        Assert.Equal(whole, (picture.Width, picture.Height));
        Assert.Equal(swapped ? (150, 226) : (226, 150), (picture.Image.Width, picture.Image.Height));

        DecodedPicture stored = ImageReader.ReadReduced(path, ImageOrientation.Stored, (_, _) => (226, 150));
        Assert.Equal((451, 300, 226, 150), (stored.Width, stored.Height, stored.Image.Width, stored.Image.Height));
        // The same pixels, turned after they were reduced.
        (int x, int y) = orientation switch { 1 => (9, 4), 3 => (216, 145), 5 => (4, 9), 6 => (145, 9), _ => (4, 216) };
        Assert.Equal(stored.Image[9, 4], picture.Image[x, y]);
    }

    [Fact]
    public void Every_kind_of_jpeg_can_be_reduced_and_other_formats_stay_whole()
    {
        foreach ((string name, (byte[] file, byte[] rgb)) in PictureSamples.All)
        {
            DecodedPicture picture = ImageReader.ReadReduced(_folder.Write(name, file), ImageOrientation.Exif, (_, _) => (1, 1));
            Assert.Equal((13, 7), (picture.Width, picture.Height));
            if (name.EndsWith(".jpg", StringComparison.Ordinal))
            {
                Assert.Equal((2, 1), (picture.Image.Width, picture.Image.Height));
                double mean = rgb.Average(value => value), reduced = picture.Image.Pixels.Average(value => value);
                Assert.InRange(reduced - mean, -45, 45);
            }
            else
            {
                Assert.Equal(rgb, picture.Image.Pixels);
            }
        }
    }

    [Fact]
    public void A_damaged_file_is_refused_when_reduced_as_well()
    {
        byte[] file = File.ReadAllBytes(ScaledPictureTests.Photograph("coffee.jpg"));
        for (int length = 2; length < file.Length - 2; length += 997)
        {
            string path = _folder.Write("cut.jpg", file[..length]);
            string message = Assert.Throws<GpuCamException>(
                () => ImageReader.ReadReduced(path, ImageOrientation.Exif, (_, _) => (1, 1))).Message;
            Assert.StartsWith(path, message);
        }
    }
}
