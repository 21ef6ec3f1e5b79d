using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>Outlines worked out by hand. Digits are greys; cut at 4, so 5 to 9 are above.</summary>
public class GreyContoursTests
{
    [Fact]
    public void Parts_touch_at_corners_and_holes_do_not()
    {
        // A ring of corners around a hole of one pixel, which is its own outline once more; and a speck.
        GreyContours found = Find(4, "09000", "90900", "09000", "00009");
        Assert.Equal([new Box(0, 0, 2, 2), new Box(0, 0, 2, 2), new Box(4, 3, 4, 3)], Sorted(found));
        Assert.Equal(new Box(0, 0, 2, 2), found.Largest());
    }

    [Fact]
    public void A_hole_has_the_box_of_the_pixels_around_it_and_the_open_side_of_a_part_has_none()
    {
        Assert.Equal([new Box(0, 0, 5, 3), new Box(1, 0, 4, 2)], Sorted(Find(4, "999999", "990099", "999999", "999999")));
        Assert.Equal([new Box(0, 0, 5, 3)], Sorted(Find(4, "999999", "990000", "999999", "999999")));
    }

    [Fact]
    public void The_largest_is_the_one_that_encloses_most_not_the_one_with_most_pixels()
    {
        // Nine pixels in a line enclose nothing, four in a square one pixel's area, and five in a cross two.
        Assert.Equal(new Box(0, 2, 1, 3), Find(4, "999999999", "000000000", "990000000", "990000000").Largest());
        Assert.Equal(new Box(4, 2, 6, 4), Find(4, "999999999", "000000000", "990009000", "990099900", "000009000").Largest());
    }

    [Fact]
    public void A_frame_encloses_what_is_inside()
    {
        // 12 pixels of a frame enclose 9; a block of 12 pixels encloses 6.
        Assert.Equal(new Box(0, 0, 3, 3), Find(4, "99990000", "90090999", "90090999", "99990999", "00000999").Largest());
    }

    [Fact]
    public void Of_equals_the_last_to_begin_counts_as_the_largest() =>
        Assert.Equal(new Box(2, 2, 2, 2), Find(4, "90009", "00000", "00900").Largest());

    [Fact]
    public void Only_what_is_above_the_cut_counts()
    {
        Assert.Equal(new Box(1, 0, 1, 0), Find(4, "454", "444").Largest());
        Assert.Null(Find(9, "999", "999").Largest());
        Assert.Empty(Find(9, "999", "999").All());
        Assert.Equal([new Box(0, 0, 2, 1)], Sorted(Find(0, "999", "999")));
    }

    [Fact]
    public void Outlines_in_the_order_of_what_they_enclose()
    {
        IReadOnlyList<Box> boxes = Find(4, "9009990", "0009990", "9909990", "9900000").LargestFirst();
        Assert.Equal([new Box(3, 0, 5, 2), new Box(0, 2, 1, 3), new Box(0, 0, 0, 0)], boxes);
    }

    [Fact]
    public void A_map_by_the_public_rules_by_hand()
    {
        // Greys 0, 127, 255: above (int)(t * 255). At t = 0 the row of three; from t = 0.5 on (127 is not above 127) the last pixel; boxes
        // are a pixel wider where there is one.
        var rules = new ContourRules(11, 0.2f);
        rules.Read([0, 0.5f, 0.5f, 1, 0, 0, 0, 0], [0, 0.5, 0.5, 1, 0, 0, 0, 0], 4, [new Box(1, 0, 3, 1)]);
        Assert.Equal(10, rules.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (Box?)(i < 5 ? new Box(1, 0, 3, 1) : new Box(3, 0, 3, 1))), rules.Boxes.ToArray());
        Assert.Equal([3, 3, 3, 3, 3, 1, 1, 1, 1, 1], rules.BestReach.ToArray());
        Assert.Equal([new Box(1, 0, 3, 1)], rules.PaperBoxes());
    }

    [Fact]
    public void By_the_public_rules_a_map_of_zeros_has_the_pixel_at_the_top_left()
    {
        var rules = new ContourRules(11, 0.2f);
        Assert.Equal(MapKind.Constant, rules.Read(new float[4], [], 2, [new Box(0, 0, 0, 0)]));
        Assert.All(rules.Boxes.ToArray(), box => Assert.Equal(new Box(0, 0, 0, 0), box));
        Assert.All(rules.BestReach.ToArray(), reach => Assert.Equal(3, reach));
        Assert.Equal([new Box(0, 0, 0, 0)], rules.BoxesAt(4));
    }

    [Theory]
    [InlineData(448, 112, 3, 3, 11, 9, 1, 6, 5, 18)]
    [InlineData(224, 224, 3, 3, 11, 9, 3, 3, 11, 9)]
    [InlineData(500, 375, 499, 374, 499, 374, 223, 223, 223, 223)]
    public void Boxes_of_a_picture_are_scaled_and_rounded_down(
        int width, int height, int x0, int y0, int x1, int y1, int toX0, int toY0, int toX1, int toY1) =>
        Assert.Equal(new Box(toX0, toY0, toX1, toY1), ContourRules.OnMap(new Box(x0, y0, x1, y1), width, height));

    private static GreyContours Find(int cut, params string[] rows)
    {
        var contours = new GreyContours();
        contours.Find([.. rows.SelectMany(row => row.Select(digit => (byte)(digit - '0')))], rows[0].Length, cut);
        return contours;
    }

    private static Box[] Sorted(GreyContours found) =>
        [.. found.All().OrderBy(box => box.X0).ThenBy(box => box.Y0).ThenBy(box => box.X1)];
}
