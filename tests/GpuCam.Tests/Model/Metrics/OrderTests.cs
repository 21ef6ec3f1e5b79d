using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>Orders that are the same on every run, and means that no order changes.</summary>
public class OrderTests
{
    [Fact]
    public void Equal_pixels_keep_their_reading_order() =>
        Assert.Equal([2, 0, 1, 4, 3], PixelOrder.HighestFirst([0.5f, 0.5f, 1, 0, 0.25f]));

    [Fact]
    public void The_mean_of_figures_is_that_of_the_numbers_to_many_digits()
    {
        var mean = new OrderlessMean();
        foreach (double figure in (double[])[0.1, 0.7, -0.3])
        {
            mean.Add(figure);
        }

        Assert.Equal(0.5 / 3, mean.Value, 13);
        Assert.Equal(0, new OrderlessMean().Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => mean.Add(double.NaN));
    }
}
