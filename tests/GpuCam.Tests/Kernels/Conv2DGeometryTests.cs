using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class Conv2DGeometryTests
{
    private static readonly Shape s_x = new(2, 7, 9, 3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    public void Same_keeps_the_size(int k)
    {
        var g = Conv2DGeometry.Same(s_x, k, 4);
        Assert.Equal(s_x.WithC(4), g.Y);
        Assert.Equal(new Shape(k, k, 3, 4), g.Weight);
        Assert.InRange(g.PadBottom - g.PadTop, 0, 1);
    }

    [Fact]
    public void The_output_counts_the_windows_that_fit()
    {
        Assert.Equal(new Shape(2, 3, 4, 5), Conv2DGeometry.Create(s_x, 3, 5, stride: 2).Y);
        Assert.Equal(new Shape(2, 5, 7, 5), Conv2DGeometry.Create(s_x, 3, 5, padding: 1, dilation: 2).Y);
        Assert.Equal(new Shape(2, 1, 1, 5), Conv2DGeometry.Create(s_x with { W = 7 }, 7, 5, stride: 4).Y);
    }

    [Theory]
    [InlineData(8, 4, 1, 0, 1, "reaches over 8x8 pixels, the padded input has 7x9")]
    [InlineData(5, 4, 1, 1, 3, "reaches over 13x13 pixels")]
    [InlineData(3, 4, 0, 0, 1, "stride and dilation")]
    [InlineData(3, 4, 1, 0, 0, "stride and dilation")]
    [InlineData(3, 4, 1, -1, 1, "padding must not be negative")]
    [InlineData(0, 4, 1, 0, 1, "at least 1")]
    [InlineData(3, 0, 1, 0, 1, "at least 1")]
    [InlineData(3, 100_000_000, 1, 0, 1, "smaller batch")]
    public void An_impossible_convolution_says_why(int k, int oc, int stride, int padding, int dilation, string why)
    {
        GpuCamException error = Assert.Throws<GpuCamException>(() => Conv2DGeometry.Create(s_x, k, oc, stride, padding, dilation));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"convolution {k}x{k} of 2x7x9x3 to {oc} channels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_geometry_made_by_hand_is_checked_too()
    {
        Conv2DGeometry g = Conv2DGeometry.Same(s_x, 3, 4) with { StrideW = 0 };
        Assert.Throws<GpuCamException>(() => g.Y);
    }
}
