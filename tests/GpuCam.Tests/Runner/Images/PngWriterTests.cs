using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>What is written as PNG: the picture alone, exactly, and small.</summary>
public class PngWriterTests
{
    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(37, 5, false)]
    [InlineData(3, 64, true)]
    [InlineData(101, 99, false)]
    public void What_is_written_is_read_back_exactly(int width, int height, bool grey)
    {
        var image = new Image8(width, height);
        new Random(7).NextBytes(image.Pixels);
        for (int i = 0; grey && i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = image.Pixels[i - (i % 3)];
        }

        byte[] file = PngTests.Write(image);
        Assert.Equal(image.Pixels, PngTests.Read(file).Pixels);
        Assert.Equal(grey ? 0 : 2, file[25]);
        Assert.Equal(file, PngTests.Write(image));
    }

    [Fact]
    public void A_written_file_holds_the_picture_and_nothing_else()
    {
        byte[] file = PngTests.Write(new Image8(40, 30));
        var types = new List<string>();
        for (int at = 8; at < file.Length; at += 12 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at)))
        {
            types.Add(System.Text.Encoding.ASCII.GetString(file, at + 4, 4));
        }

        Assert.Equal(["IHDR", "IDAT", "IEND"], types);
    }

    [Fact]
    public void Smooth_and_flat_pictures_compress_well()
    {
        var smooth = new Image8(100, 100);
        for (int i = 0; i < 10_000; i++)
        {
            smooth[i % 100, i / 100] = new Rgb((byte)(i % 100 * 2), (byte)(i / 100 * 2), (byte)(i % 100 + (i / 100)));
        }

        Assert.True(PngTests.Write(smooth).Length < 1500, $"{PngTests.Write(smooth).Length} bytes");
        Assert.True(PngTests.Write(new Image8(300, 300)).Length < 500, $"{PngTests.Write(new Image8(300, 300)).Length} bytes");
    }
}
