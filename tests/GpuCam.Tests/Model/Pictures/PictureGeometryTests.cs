using GpuCam.Model;

namespace GpuCam.Tests.Model.Pictures;

/// <summary>Where a network's input lies on the picture, and back.</summary>
public class PictureGeometryTests
{
    public static TheoryData<PictureFit, int, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<PictureFit, int, int, int, int>();
            foreach (PictureFit fit in (PictureFit[])[PictureFit.Crop, PictureFit.Stretch, PictureFit.Pad])
            {
                foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)
                    [(451, 300), (300, 451), (224, 224), (1, 1), (1, 9), (7, 3), (4000, 3000), (60000, 1), (1, 60000), (257, 255)])
                {
                    cases.Add(fit, width, height, 224, 224);
                    cases.Add(fit, width, height, 97, 61);
                }
            }

            return cases;
        }
    }

    [Theory]
    [InlineData(PictureFit.Crop, 451, 300, 384, 256, 80, 16)]
    [InlineData(PictureFit.Crop, 300, 451, 256, 384, 16, 80)]
    [InlineData(PictureFit.Stretch, 451, 300, 256, 256, 16, 16)]
    [InlineData(PictureFit.Pad, 448, 224, 224, 112, 0, -56)]
    [InlineData(PictureFit.Pad, 100, 225, 100, 224, -62, 0)]
    public void A_plan_has_the_sizes_and_offsets_worked_out_by_hand(
        PictureFit fit, int width, int height, int scaledWidth, int scaledHeight, int offsetX, int offsetY)
    {
        Preprocessing how = Preprocessing.Preset("imagenet").ForNetwork(224, 224, 3) with { Fit = fit };
        Assert.Equal(
            new PictureGeometry(width, height, 224, 224, scaledWidth, scaledHeight, offsetX, offsetY), how.Plan(width, height));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_seen_lies_in_the_picture_and_padding_is_cut_away(PictureFit fit, int width, int height, int wide, int high)
    {
        PictureGeometry plan = Plan(fit, width, height, wide, high);
        Box seen = plan.Seen, shown = plan.Shown;
        Assert.True(seen is { X0: >= 0, Y0: >= 0, Width: >= 1, Height: >= 1 } && seen.X1 < width && seen.Y1 < height, $"{seen}");
        Assert.True(shown is { X0: >= 0, Y0: >= 0, Width: >= 1, Height: >= 1 } && shown.X1 < wide && shown.Y1 < high, $"{shown}");
        if (fit == PictureFit.Pad)
        {
            Assert.Equal(new Box(0, 0, width - 1, height - 1), seen);
            Assert.True(shown.Width == wide || shown.Height == high);
        }
        else
        {
            Assert.Equal(new Box(0, 0, wide - 1, high - 1), shown);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_box_comes_back_to_where_it_was_within_a_pixel_of_the_coarser_side(
        PictureFit fit, int width, int height, int wide, int high)
    {
        PictureGeometry plan = Plan(fit, width, height, wide, high);
        Box shown = plan.Shown, box = new(
            shown.X0 + (shown.Width / 5), shown.Y0 + (shown.Height / 4), shown.X0 + (shown.Width / 2), shown.Y0 + (2 * shown.Height / 3));
        Box picture = plan.ToPicture(box);
        Assert.True(picture.X0 >= plan.Seen.X0 && picture.X1 <= plan.Seen.X1 && picture.Y0 >= plan.Seen.Y0 && picture.Y1 <= plan.Seen.Y1);
        Box back = Assert.NotNull(plan.ToInput(picture));
        double x = Math.Max(1, (double)plan.ScaledWidth / width), y = Math.Max(1, (double)plan.ScaledHeight / height);
        Assert.InRange(back.X0 - box.X0, -x, x);
        Assert.InRange(back.X1 - box.X1, -x, x);
        Assert.InRange(back.Y0 - box.Y0, -y, y);
        Assert.InRange(back.Y1 - box.Y1, -y, y);
        Assert.Equal(plan.Seen, plan.ToPicture(shown));
    }

    [Fact]
    public void Boxes_are_exact_where_the_ratio_is_whole()
    {
        PictureGeometry plan = Plan(PictureFit.Crop, 448, 672, 224, 224);
        Assert.Equal(new Box(0, 112, 447, 559), plan.Seen);
        Assert.Equal(new Box(20, 112 + 60, 41, 112 + 81), plan.ToPicture(new Box(10, 30, 20, 40)));
        Assert.Equal(new Box(10, 30, 20, 40), plan.ToInput(new Box(20, 172, 41, 193)));
        Assert.Equal(new Box(0, 0, 223, 3), plan.ToInput(new Box(0, 0, 447, 119)));
        Assert.Null(plan.ToInput(new Box(0, 0, 447, 111)));
        Assert.Null(plan.ToInput(new Box(0, 560, 447, 671)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_map_that_rises_evenly_over_the_input_rises_evenly_over_the_picture(
        PictureFit fit, int width, int height, int wide, int high)
    {
        PictureGeometry plan = Plan(fit, width, height, wide, high);
        Box seen = plan.Seen;
        // As fine as the input, each cell holds its own middle; so the value on the picture is the place in the input.
        float[] columns = new float[wide * high], rows = new float[wide * high];
        for (int i = 0; i < columns.Length; i++)
        {
            (columns[i], rows[i]) = ((i % wide) + 0.5f, (i / wide) + 0.5f);
        }

        float[] x = plan.MapToPicture(columns, high, wide), y = plan.MapToPicture(rows, high, wide);
        Assert.Equal(seen.Area, x.Length);
        double stepX = (double)plan.ScaledWidth / width, stepY = (double)plan.ScaledHeight / height;
        for (int i = 0; i < x.Length; i += Math.Max(1, x.Length / 997))
        {
            double atX = ((seen.X0 + (i % seen.Width) + 0.5) * stepX) - plan.OffsetX;
            double atY = ((seen.Y0 + (i / seen.Width) + 0.5) * stepY) - plan.OffsetY;
            // At the edges a map has nothing to go on with; where it shrinks, the edge is as wide as its filter.
            Check(atX, x[i], wide, stepX);
            Check(atY, y[i], high, stepY);
        }

        static void Check(double at, double found, int side, double step)
        {
            double edge = Math.Max(1, step);
            double tolerance = at < edge || at > side - edge ? edge : 1e-3 * side;
            Assert.InRange(found - at, -tolerance, tolerance);
        }
    }

    [Fact]
    public void A_coarse_map_is_the_same_on_the_picture_and_on_a_copy_of_half_its_size()
    {
        PictureGeometry plan = Plan(PictureFit.Crop, 640, 427, 224, 224);
        float[] map = [.. Enumerable.Range(0, 49).Select(i => (float)(i * i % 13))];
        PictureGeometry copy = plan.OnCopy(320, 213);
        float[] large = plan.MapToPicture(map, 7, 7), small = copy.MapToPicture(map, 7, 7);
        for (int y = 0; y < copy.Seen.Height; y++)
        {
            for (int x = 0; x < copy.Seen.Width; x++)
            {
                double wide = (copy.Seen.X0 + x + 0.5) * 640 / 320, high = (copy.Seen.Y0 + y + 0.5) * 427 / 213;
                int column = Math.Clamp((int)wide - plan.Seen.X0, 0, plan.Seen.Width - 1);
                int row = Math.Clamp((int)high - plan.Seen.Y0, 0, plan.Seen.Height - 1);
                Assert.InRange(small[(y * copy.Seen.Width) + x] - large[(row * plan.Seen.Width) + column], -0.5, 0.5);
            }
        }
    }

    [Fact]
    public void A_map_of_one_cell_and_a_constant_map_are_constant()
    {
        PictureGeometry plan = Plan(PictureFit.Pad, 33, 71, 224, 224);
        Assert.All(plan.MapToPicture([0.25f], 1, 1), value => Assert.Equal(0.25f, value));
        Assert.All(plan.MapToPicture(Enumerable.Repeat(3f, 35).ToArray(), 5, 7), value => Assert.Equal(3, value, 1e-5));
        Assert.Throws<GpuCamException>(() => plan.MapToPicture([1, 2, 3], 2, 2));
    }

    [Fact]
    public void A_picture_taken_as_it_is_must_have_the_size_that_the_network_takes()
    {
        Preprocessing any = Preprocessing.Preset("unit") with { Fit = PictureFit.None };
        PictureGeometry plan = any.ForNetwork(null, null, 3).Plan(31, 17);
        Assert.Equal(new PictureGeometry(31, 17, 31, 17, 31, 17, 0, 0), plan);
        Assert.Equal(new Box(0, 0, 30, 16), plan.Seen);
        string message = Assert.Throws<GpuCamException>(() => any.ForNetwork(224, 224, 3).Plan(31, 17)).Message;
        Assert.Equal(
            "the picture has 31 x 17 pixels, but the network takes 224 x 224; scale it, or give --fit crop, stretch or pad", message);
    }

    private static PictureGeometry Plan(PictureFit fit, int width, int height, int wide, int high) =>
        new Preprocessing { Name = "test", Fit = fit, Width = wide, Height = high }.Plan(width, height);
}
