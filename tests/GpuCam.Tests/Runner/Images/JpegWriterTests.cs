using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

public class JpegWriterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_looks_the_same_when_it_is_read_and_has_the_same_bytes_every_time(bool grey)
    {
        var image = new Image8(61, 37);
        for (int y = 0; y < 37; y++)
        {
            for (int x = 0; x < 61; x++)
            {
                image[x, y] = grey ? Rgb.FromGrey((byte)(x + (3 * y))) : new Rgb((byte)(4 * x), (byte)(6 * y), 90);
            }
        }

        byte[] file = Write(image);
        Assert.Equal(file, Write(image));
        Image8 back = ImageReader.Read(new MemoryStream(file), "written");
        Assert.Equal((61, 37, grey), (back.Width, back.Height, back.IsGrey));
        Assert.True(back.Pixels.Zip(image.Pixels, (a, b) => Math.Abs(a - b)).Average() < 3);
    }

    private static byte[] Write(Image8 image)
    {
        using var stream = new MemoryStream();
        JpegWriter.Write(image, stream, JpegWriter.Thumbnail);
        return stream.ToArray();
    }
}
