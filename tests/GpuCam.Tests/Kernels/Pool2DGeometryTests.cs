using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class Pool2DGeometryTests
{
    /// <summary>Extents as PyTorch 1.13 gives them (its rule for rounding up is what ONNX took over).</summary>
    [Theory]
    [InlineData(112, 3, 2, 0, false, 55)]
    [InlineData(112, 3, 2, 0, true, 56)]
    [InlineData(111, 3, 2, 0, true, 55)]
    [InlineData(112, 3, 2, 1, false, 56)]
    [InlineData(112, 3, 2, 1, true, 57)]
    [InlineData(4, 2, 3, 1, false, 2)]
    [InlineData(4, 2, 3, 1, true, 2)]
    [InlineData(5, 2, 3, 1, true, 2)]
    [InlineData(6, 2, 3, 1, true, 3)]
    [InlineData(1, 1, 2, 0, true, 1)]
    public void Windows_are_as_many_as_elsewhere(int input, int size, int stride, int padding, bool ceil, int windows)
    {
        Pool2DGeometry g = Pool2DGeometry.Square(new Shape(2, input, input + stride, 3), size, stride, padding) with { Ceil = ceil };
        Assert.Equal(new Shape(2, windows, windows + 1, 3), g.Y);
    }

    [Fact]
    public void Each_axis_has_its_own_rule()
    {
        var g = new Pool2DGeometry(new Shape(2, 9, 14, 5), 2, 3, 2, 3, 1, 0, 2, 4, 3, 2, false);
        Assert.Equal(new Shape(2, 5, 5, 5), g.Y);
        Assert.Equal("pooling 2x3 of 2x9x14x5 (stride 2x3, padding 1,0,2,4, dilation 3x2)", $"{g}");
        Assert.Equal("pooling 2x3 of 2x9x14x5 (stride 2x3, padding 1,0,2,4, dilation 3x2, ceil)", $"{g with { Ceil = true }}");
    }

    [Theory]
    [InlineData(6, 1, 0, 1, "a window reaches over 6 rows, the padded input has 5; use a larger input or a smaller window")]
    [InlineData(2, 0, 0, 1, "stride and dilation must be at least 1")]
    [InlineData(2, 1, 0, 0, "stride and dilation must be at least 1")]
    [InlineData(0, 1, 0, 1, "input and window must be at least 1")]
    [InlineData(2, 2, -1, 1, "padding must not be negative")]
    [InlineData(2, 2, 2, 1, "the window at row -2 sees no pixel of the input; use less padding")]
    [InlineData(1, 2, 1, 1, "the window at row -1 sees no pixel of the input; use less padding")]
    [InlineData(2, 1, 4, 8, "the window at row -3 sees no pixel of the input; use less padding")]
    [InlineData(1, 2, int.MaxValue, 1, "more than 2147483647 rows")]
    [InlineData(int.MaxValue, 1, 0, int.MaxValue, "a window reaches over 4611686011984936963 rows")]
    public void An_impossible_pooling_says_why(int size, int stride, int padding, int dilation, string why)
    {
        Pool2DGeometry g = Pool2DGeometry.Square(new Shape(1, 5, 8, 3), size, stride, padding)
            with
        { DilationH = dilation, DilationW = dilation };
        Assert.Contains(why, Assert.Throws<GpuCamException>(() => g.Y).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_that_begins_behind_the_input_is_refused()
    {
        var g = new Pool2DGeometry(new Shape(1, 4, 4, 1), 1, 1, 1, 1, 0, 0, 0, 2, 1, 1, false);
        Assert.EndsWith(
            "the window at column 5 sees no pixel of the input; use less padding", Assert.Throws<GpuCamException>(g.Check).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_elements_are_refused() =>
        Assert.Contains(
            "more than 2147483647 elements",
            Assert.Throws<GpuCamException>(Pool2DGeometry.Square(new Shape(1 << 16, 1 << 10, 1 << 6, 1), 1, 1, 0).Check).Message,
            StringComparison.Ordinal);
}
