using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>The baseline that looks at no image: what lies in the middle.</summary>
public class CentredBaselineTests
{
    [Fact]
    public void The_centred_baseline_is_right_for_a_digit_in_the_middle_and_wrong_for_one_in_a_corner()
    {
        var metrics = new Localisation();
        float[] map = CenterMap.Create(100, 100);
        metrics.Add(map, 100, [new Box(36, 36, 63, 63)], 0);
        metrics.Add(map, 100, [new Box(0, 0, 27, 27)], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((0.5, 0.5, 0.5), (result.Best50.GtKnown50, result.Best30.GtKnown30, result.PointingGame));
    }

    [Fact]
    public void Centred_boxes_come_in_all_sizes()
    {
        Box?[] boxes = new BoxSweep().Boxes(CenterMap.Create(100, 100), 100).ToArray();
        Assert.Equal(new Box(0, 0, 99, 99), boxes[0]);
        Assert.Null(boxes[^1]);
        Assert.All(boxes[..^1], box => Assert.Equal((99 - box!.Value.X0, 99 - box.Value.Y0), (box.Value.X1, box.Value.Y1)));
        Assert.Contains(boxes, box => box?.Width is >= 20 and <= 24);
    }

    [Fact]
    public void The_centre_map_is_a_Gaussian_a_quarter_of_each_extent_wide()
    {
        float[] map = CenterMap.Create(8, 4);       // the middle is at (3.5, 1.5), one deviation is 2 across and 1 down
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                double across = (x - 3.5) / 2, down = y - 1.5;
                Assert.Equal(Math.Exp(-((across * across) + (down * down)) / 2), map[(y * 8) + x], 6);
            }
        }
    }
}
