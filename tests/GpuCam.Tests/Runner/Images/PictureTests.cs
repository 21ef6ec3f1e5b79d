using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>JPEG, GIF, BMP and WebP as others write them: the pixels that an independent decoder reads.</summary>
public class PictureTests
{
    public static TheoryData<string> Names => new(PictureSamples.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_picture_has_the_pixels_that_another_decoder_reads(string name)
    {
        (byte[] file, byte[] rgb) = PictureSamples.All[name];
        Image8 image = Read(file, name);
        Assert.Equal((PictureSamples.Width, PictureSamples.Height), (image.Width, image.Height));
        // Decoders may round the cosine transform and the colours of a lossy picture in their own ways, others not at all.
        int tolerance = name.EndsWith(".jpg", StringComparison.Ordinal) || name == "lossy.webp" ? 2 : 0;
        for (int i = 0; i < rgb.Length; i++)
        {
            Assert.True(Math.Abs(image.Pixels[i] - rgb[i]) <= tolerance, $"byte {i}: {image.Pixels[i]}, the other decoder says {rgb[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_show_the_picture_they_were_made_from(string name)
    {
        if (name is "animated.gif" or "frame-in-canvas.gif" || name.Contains("alpha", StringComparison.Ordinal) || name == "32-bit.bmp")
        {
            return; // other pictures
        }

        Image8 image = Read(PictureSamples.All[name].File, name);
        bool grey = name is "grey.jpg" or "8-bit.bmp";
        bool few = name.EndsWith(".gif", StringComparison.Ordinal) || name is "4-bit.bmp" or "run-length.bmp";
        for (int y = 0; y < PictureSamples.Height; y++)
        {
            for (int x = 0; x < PictureSamples.Width; x++)
            {
                var original = new Rgb((byte)(40 + (14 * x)), (byte)(30 + (30 * y)), (byte)(250 - (9 * x) - (11 * y)));
                original = grey ? Rgb.FromGrey(original.Grey) : original;
                Rgb got = image[x, y];
                int worst = Math.Max(Math.Abs(got.R - original.R), Math.Max(Math.Abs(got.G - original.G), Math.Abs(got.B - original.B)));
                Assert.True(worst <= (few ? 60 : 30), $"({x}, {y}): {got}, made from {original}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_cut_anywhere_is_refused_or_whole_and_never_half_a_picture(string name)
    {
        (byte[] file, byte[] rgb) = PictureSamples.All[name];
        byte[] whole = Read(file, name).Pixels;
        Assert.Equal(rgb.Length, whole.Length);
        int readable = 0;
        for (int length = 0; length < file.Length; length++)
        {
            try
            {
                Assert.Equal(whole, Read(file[..length], name).Pixels);
                readable++;
            }
            catch (GpuCamException e)
            {
                Assert.StartsWith(name + ": ", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        // Only a GIF's first frame and the runs of a BMP may be whole before the file ends.
        bool mayBe = name.EndsWith(".gif", StringComparison.Ordinal) || name == "run-length.bmp";
        Assert.True(readable == 0 || mayBe, $"{readable} lengths were read");
    }

    [Fact]
    public void Stray_bytes_before_a_marker_and_behind_the_end_are_skipped()
    {
        byte[] file = PictureSamples.All["baseline.jpg"].File;
        byte[] whole = Read(file, "a.jpg").Pixels;
        for (int at = 2; at < file.Length - 1; at++)
        {
            bool atMarker = file[at] == 0xFF && file[at + 1] is 0xDB or 0xC0 or 0xC4 or 0xDA or 0xD9;
            if (atMarker && file[at] == 0xFF)
            {
                Assert.Equal(whole, Read([.. file[..at], 1, 2, 3, .. file[at..]], "a.jpg").Pixels);
                Assert.Equal(whole, Read([.. file[..at], 0xFF, 0xFF, .. file[at..]], "a.jpg").Pixels);
            }
        }

        Assert.Equal(whole, Read([.. file, 7, 7, 7, 0xFF], "a.jpg").Pixels);
    }

    [Fact]
    public void A_jpeg_thumbnail_in_its_metadata_ends_nothing()
    {
        byte[] file = PictureSamples.All["progressive.jpg"].File;
        byte[] segment = [0xFF, 0xE1, (byte)((file.Length + 8) >> 8), (byte)(file.Length + 8), .. "Exif\0\0"u8, .. file];
        byte[] with = [.. file[..2], .. segment, .. file[2..]];
        Assert.Equal(Read(file, "a.jpg").Pixels, Read(with, "a.jpg").Pixels);
        // With the last bytes gone, the thumbnail's own end marker is still there.
        string message = Assert.Throws<GpuCamException>(() => Read(with[..^2], "a.jpg")).Message;
        Assert.Contains("before its end marker", message, StringComparison.Ordinal);
    }

    private static Image8 Read(byte[] file, string name) => ImageReader.Read(new MemoryStream(file), name);
}
