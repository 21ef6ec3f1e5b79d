using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>Every threshold of a map at once: the sweep finds what labelling at each finds.</summary>
public class BoxSweepTests
{
    private const int Width = 20;
    private const int Height = 14;

    [Theory]
    [InlineData(101)]
    [InlineData(2)]
    [InlineData(1001)]
    public void The_sweep_finds_what_labelling_at_every_threshold_finds(int count)
    {
        var sweep = new BoxSweep(count);
        var components = new MapComponents();
        for (int seed = 0; seed < 30; seed++)
        {
            float[] map = LocalisationTests.RandomMap(seed);
            (float min, float max) = (map.Min(), map.Max());
            float[] normalised = [.. map.Select(value => (value - min) / (max - min))];
            Box?[] boxes = sweep.Boxes(map, Width).ToArray();
            for (int i = 0; i < count; i++)
            {
                IReadOnlyList<MapComponent> expected = components.Above(normalised, Width, sweep.Threshold(i));
                Assert.Equal(expected.Count > 0 ? expected[0].Box : null, boxes[i]);
            }
        }
    }

    [Theory]
    [InlineData(6, 0)]
    [InlineData(5, 2)]
    public void A_map_that_does_not_fill_its_rows_is_refused(int pixels, int width)
    {
        float[] map = [.. Enumerable.Range(0, pixels).Select(i => (float)i)];
        Assert.ThrowsAny<ArgumentException>(() => new MapComponents().Above(map, width, 0));
        Assert.ThrowsAny<ArgumentException>(() => { new BoxSweep().Boxes(map, width); });
    }

    [Fact]
    public void A_sweep_has_two_thresholds_at_least()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoxSweep(1));
        Assert.Equal((2, 0f, 1f), (new BoxSweep(2).Count, new BoxSweep(2).Threshold(0), new BoxSweep(2).Threshold(1)));
    }

    [Fact]
    public void A_pixel_at_a_threshold_of_the_sweep_is_not_above_it()
    {
        var sweep = new BoxSweep(1001);
        for (int level = 1; level < 1000; level++)
        {
            float at = sweep.Threshold(level);
            Box?[] boxes = sweep.Boxes([1, 0, at, MathF.BitIncrement(at), 0], 5).ToArray();
            Assert.Equal(new Box(2, 0, 3, 0), boxes[level - 1]);
            Assert.Equal(new Box(0, 0, 0, 0), boxes[level]);
        }
    }

    [Fact]
    public void Buffers_that_are_used_again_hold_nothing_of_the_map_before()
    {
        var sweep = new BoxSweep(11);
        var components = new MapComponents();
        foreach (int seed in (int[])[1, 0, 2])
        {
            float[] map = LocalisationTests.RandomMap(seed);
            foreach (int length in (int[])[Width * Height, Width, 3 * Width])
            {
                float[] part = map[..length];
                var fresh = new BoxSweep(11);
                Box[] truths = [new(1, 0, 6, 2)];
                Assert.Equal(fresh.Boxes(part, Width, truths).ToArray(), sweep.Boxes(part, Width, truths).ToArray());
                Assert.Equal(fresh.BestReach.ToArray(), sweep.BestReach.ToArray());
                Assert.Equal(new MapComponents().Above(part, Width, 0.1f), components.Above(part, Width, 0.1f));
            }

            Assert.All(sweep.Boxes([1, 1], 2).ToArray(), box => Assert.Null(box));
            Assert.All(sweep.BestReach.ToArray(), reach => Assert.Equal(0, reach));
        }
    }
}
