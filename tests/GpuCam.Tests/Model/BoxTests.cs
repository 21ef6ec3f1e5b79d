using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class BoxTests
{
    [Fact]
    public void Corners_belong_to_the_box()
    {
        var box = new Box(2, 3, 4, 9);
        Assert.Equal((3, 7, 21), (box.Width, box.Height, box.Area));
        Assert.True(box.Contains(2, 3) && box.Contains(4, 9));
        Assert.False(box.Contains(5, 9) || box.Contains(4, 10) || box.Contains(1, 3) || box.Contains(2, 2));
    }

    [Theory]
    [InlineData(0, 0, 9, 9, 1.0)]
    [InlineData(10, 0, 19, 9, 0.0)] // neighbours, no common pixel
    [InlineData(9, 9, 18, 18, 1.0 / 199)] // one common pixel
    [InlineData(0, 0, 4, 9, 0.5)]
    [InlineData(5, 0, 14, 9, 50.0 / 150)]
    public void Overlap_counts_inclusive_pixels(int x0, int y0, int x1, int y1, double expected)
    {
        var box = new Box(0, 0, 9, 9);
        var other = new Box(x0, y0, x1, y1);
        Assert.Equal(expected, box.IntersectionOverUnion(other), 12);
        Assert.Equal(expected, other.IntersectionOverUnion(box), 12);
    }
}
