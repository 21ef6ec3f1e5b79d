using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>What of a map lies above a share of its maximum, in connected parts.</summary>
public class MapComponentsTests
{
    [Fact]
    public void Corners_connect_and_the_largest_component_comes_first()
    {
        float[] map =
        [
            1, 0, 0, 0, 3,
            0, 1, 0, 0, 3,
            0, 0, 1, 0, 0,
            2, 0, 0, 0, 0,
        ];
        IReadOnlyList<MapComponent> components = new MapComponents().AboveShareOfMax(map, 5);
        Assert.Equal([new(new Box(0, 0, 2, 2), 3, 0), new(new Box(4, 0, 4, 1), 2, 4), new(new Box(0, 3, 0, 3), 1, 15)], components);
    }

    [Fact]
    public void Of_many_equal_components_the_first_in_reading_order_comes_first()
    {
        float[] map = [.. Enumerable.Range(0, 13 * 13).Select(i => i / 13 % 2 == 0 && i % 13 % 2 == 0 ? 1f : 0)];
        IReadOnlyList<MapComponent> components = new MapComponents().AboveShareOfMax(map, 13);
        Assert.Equal(Enumerable.Range(0, map.Length).Where(i => map[i] > 0), components.Select(component => component.FirstPixel));
    }

    [Fact]
    public void A_pixel_at_the_threshold_is_not_above_it()
    {
        Assert.Equal(new Box(1, 0, 1, 0), new MapComponents().AboveShareOfMax([2, 10, 2], 3, 0.2f)[0].Box);
        Assert.Empty(new MapComponents().AboveShareOfMax([2, 10, 2], 3, 1));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -2)]
    [InlineData(1, float.NaN)]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(1, float.NegativeInfinity)]
    public void A_map_without_a_positive_finite_maximum_has_no_box(float a, float b) =>
        Assert.Empty(new MapComponents().AboveShareOfMax([a, b], 2));
}
