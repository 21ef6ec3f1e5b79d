using GpuCam.Model;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>Pixels as other libraries hold them.</summary>
public sealed class RgbPictureTests
{
    [Theory]
    [InlineData(PixelLayout.Rgb, new byte[] { 1, 2, 3, 4, 5, 6 }, new byte[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(PixelLayout.Bgr, new byte[] { 1, 2, 3, 4, 5, 6 }, new byte[] { 3, 2, 1, 6, 5, 4 })]
    [InlineData(PixelLayout.Rgba, new byte[] { 1, 2, 3, 255, 4, 5, 6, 0 }, new byte[] { 1, 2, 3, 255, 255, 255 })]
    [InlineData(PixelLayout.Bgra, new byte[] { 1, 2, 3, 255, 0, 100, 200, 128 }, new byte[] { 3, 2, 1, 227, 177, 127 })]
    [InlineData(PixelLayout.Grey, new byte[] { 7, 9 }, new byte[] { 7, 7, 7, 9, 9, 9 })]
    public void Every_layout_becomes_rgb_and_what_is_transparent_lies_over_white(PixelLayout layout, byte[] pixels, byte[] rgb) =>
        Assert.Equal(rgb, RgbPicture.From(pixels, 2, 1, layout).Pixels.ToArray());

    [Fact]
    public void Rows_may_be_padded_but_for_the_last()
    {
        byte[] padded = [1, 2, 9, 9, 3, 4];
        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], RgbPicture.From(padded, 2, 2, PixelLayout.Grey, stride: 4).Pixels.ToArray());
    }

    [Theory]
    [InlineData(2, 2, 3, 0)]
    [InlineData(2, 2, 8, 1)]
    [InlineData(0, 2, 8, 0)]
    [InlineData(2, -1, 8, 0)]
    [InlineData(2, 2, 5, 4)]
    [InlineData(2, 2, 8, -4)]
    [InlineData(int.MaxValue, int.MaxValue, 8, 0)]
    public void Too_few_bytes_are_refused_in_a_line(int width, int height, int bytes, int stride)
    {
        GpuCamException error =
            Assert.Throws<GpuCamException>(() => RgbPicture.From(new byte[bytes], width, height, PixelLayout.Grey, stride));
        Assert.Contains("give its own size and stride", error.Message, StringComparison.Ordinal);
    }
}
