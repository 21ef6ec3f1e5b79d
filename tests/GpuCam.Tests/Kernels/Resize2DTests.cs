using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class Resize2DTests
{
    /// <summary>From, to, and the scales where they are not the extents' own.</summary>
    private static readonly (Shape From, int Height, int Width, float ScaleH, float ScaleW)[] s_sizes =
    [
        (new Shape(1, 1, 1, 1), 1, 1, 1, 1),
        (new Shape(2, 3, 5, 7), 7, 4, 0, 0),
        (new Shape(1, 4, 4, 3), 8, 6, 0, 0),
        (new Shape(2, 6, 5, 17), 3, 11, 0, 0),
        (new Shape(1, 1, 3, 2), 2, 1, 0, 0),
        (new Shape(2, 5, 4, 5), 3, 5, 0.6f, 1.3f),
        (new Shape(1, 2, 9, 33), 6, 9, 3, 1),
    ];

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(Enum.GetNames<ResizeCoordinates>());

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Both_directions_are_the_definition(string device, string coordinates)
    {
        using var op = new OpHarness(device);
        foreach ((Shape before, int height, int width, float scaleH, float scaleW) in s_sizes)
        {
            Shape to = before with { H = height, W = width };
            float[] xValues = OpHarness.Random(before.Count, 1), dyValues = OpHarness.Random(to.Count, 2);
            Tensor x = op.Input("x", before, xValues), y = op.Output("y", to);
            Tensor dy = op.Input("dy", to, dyValues), dx = op.Output("dx", before);
            foreach (ResizeRule kind in Kinds(Enum.Parse<ResizeCoordinates>(coordinates)))
            {
                ResizeRule rule = scaleH > 0
                    ? kind with { ScaleH = scaleH, ScaleW = scaleW }
                    : ResizeRule.Between(before, to, kind.Interpolation, kind.Coordinates, kind.Rounding);
                double[,] vertical = Shares(rule, before.H, height, rule.ScaleH), horizontal = Shares(rule, before.W, width, rule.ScaleW);
                double[] yExpected = new double[to.Count], dxExpected = new double[before.Count];
                Visit(before, to, vertical, horizontal, (i, o, share) =>
                {
                    yExpected[o] += share * xValues[i];
                    dxExpected[i] += share * dyValues[o];
                });
                OpHarness.Close(yExpected, OpHarness.RunTwice(y, () => Resize2D.Forward(x, y, rule)), 2e-6, $"y, {before} to {to}, {rule}");
                OpHarness.Close(
                    dxExpected, OpHarness.RunTwice(dx, () => Resize2D.Backward(dy, dx, rule)), 2e-6, $"dx, {before} to {to}, {rule}");
            }
        }
    }

    /// <summary>A line of ONNX's specification tests each: 1, 2, 3, 4 made longer or shorter.</summary>
    [Theory]
    [InlineData(Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor, 0.6f, 2, "1.3333333 3")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.AlignCorners, ResizeRounding.PreferFloor, 0.6f, 2, "1 3.142857")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor, 2, 8, "1 1.25 1.75 2.25 2.75 3.25 3.75 4")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor, 0.25f, 1, "2.5")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.PyTorchHalfPixel, ResizeRounding.PreferFloor, 0.25f, 1, "1")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.AlignCorners, ResizeRounding.PreferFloor, 1.75f, 7, "1 1.5 2 2.5 3 3.5 4")]
    [InlineData(Interpolation.Linear, ResizeCoordinates.Asymmetric, ResizeRounding.PreferFloor, 2, 8, "1 1.5 2 2.5 3 3.5 4 4")]
    [InlineData(Interpolation.Nearest, ResizeCoordinates.HalfPixel, ResizeRounding.Ceil, 2, 8, "1 2 2 3 3 4 4 4")]
    [InlineData(Interpolation.Nearest, ResizeCoordinates.AlignCorners, ResizeRounding.Floor, 2, 8, "1 1 1 2 2 3 3 4")]
    [InlineData(Interpolation.Nearest, ResizeCoordinates.Asymmetric, ResizeRounding.PreferCeil, 2, 8, "1 2 2 3 3 4 4 4")]
    [InlineData(Interpolation.Nearest, ResizeCoordinates.Asymmetric, ResizeRounding.PreferFloor, 2, 8, "1 1 2 2 3 3 4 4")]
    [InlineData(Interpolation.Nearest, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor, 0.6f, 2, "1 3")]
    public void A_line_becomes_what_the_standard_says(
        Interpolation interpolation, ResizeCoordinates coordinates, ResizeRounding rounding, float scale, int width, string expected)
    {
        using var op = new OpHarness("plain");
        Tensor y = op.Output("y", new Shape(1, 1, width, 1));
        Tensor x = op.Input("x", new Shape(1, 1, 4, 1), [1, 2, 3, 4]);
        Resize2D.Forward(x, y, new ResizeRule(interpolation, coordinates, rounding, 1, scale));
        double[] values = [.. expected.Split(' ').Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
        OpHarness.Close(values, y.ToArray(), 1e-6);
    }

    [Theory]
    [InlineData(6, 16)]
    [InlineData(7, 21)]
    [InlineData(10, 25)]
    [InlineData(56, 100)]
    public void A_scale_rounded_to_float_takes_no_pixel_from_its_place(int input, int output)
    {
        // o * input / output in whole numbers, as PyTorch's nearest has it; the scale is what its exporter writes.
        using var op = new OpHarness("plain");
        Shape before = new(1, 1, input, 1), to = new(1, 1, output, 1);
        Tensor x = op.Input("x", before, [.. Enumerable.Range(0, input).Select(i => (float)i)]), y = op.Output("y", to);
        Resize2D.Forward(x, y, ResizeRule.Between(before, to, Interpolation.Nearest, ResizeCoordinates.Asymmetric, ResizeRounding.Floor));
        Assert.Equal(Enumerable.Range(0, output).Select(o => (float)(o * input / output)), y.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Shape before = new(2, 3, 4, 5), to = before with { H = 5, W = 3 };
        var rule = ResizeRule.Between(before, to, Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor);
        float[] x = OpHarness.Random(before.Count, 1), dy = OpHarness.Random(to.Count, 2);
        Tensor input = op.Input("x", before, x), y = op.Output("y", to), dx = op.Output("dx", before);
        Resize2D.Backward(op.Input("dy", to, dy), dx, rule);
        OpHarness.CloseToFiniteDifferences(x, Forward, dy, dx.ToArray());

        float[] Forward(float[] changed)
        {
            input.CopyFrom(changed);
            Resize2D.Forward(input, y, rule);
            return y.ToArray();
        }
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(1, 2, 3, 4)), wrong = op.Output("wrong", new Shape(1, 4, 6, 3));
        ResizeRule rule = new(Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.Floor, 2, 2);
        string forward = Assert.Throws<ArgumentException>(() => Resize2D.Forward(x, wrong, rule)).Message;
        Assert.Equal("tensor 'wrong' is 1x4x6x3, expected 1x4x6x4", forward);
        string backward = Assert.Throws<ArgumentException>(() => Resize2D.Backward(x, wrong, rule)).Message;
        Assert.Equal("tensor 'x' is 1x2x3x4, expected 1x2x3x3", backward);
        foreach (float scale in new[] { 0, -1, float.NaN, float.PositiveInfinity })
        {
            string message = Assert.Throws<GpuCamException>(() => Resize2D.Forward(x, x, rule with { ScaleW = scale })).Message;
            Assert.EndsWith("a scale must be a positive number", message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<ResizeRule> Kinds(ResizeCoordinates coordinates) =>
    [
        new(Interpolation.Linear, coordinates, default, 0, 0),
        .. Enum.GetValues<ResizeRounding>().Select(rounding => new ResizeRule(Interpolation.Nearest, coordinates, rounding, 0, 0)),
    ];

    /// <summary>share[o, i] along an axis, in double.</summary>
    private static double[,] Shares(ResizeRule rule, int input, int output, double scale)
    {
        double[,] shares = new double[output, input];
        for (int o = 0; o < output; o++)
        {
            double half = ((o + 0.5) / scale) - 0.5;
            double length = Math.Abs((input * scale) - output) < 1e-3 ? output : input * scale;
            double at = rule.Coordinates switch
            {
                ResizeCoordinates.HalfPixel => half,
                ResizeCoordinates.PyTorchHalfPixel => output > 1 ? half : 0,
                ResizeCoordinates.AlignCorners => o == 0 ? 0 : o * (input - 1) / (length - 1),
                _ => o / scale,
            };

            // The scale was rounded: what would lie on a pixel, or half way to the next, does.
            double halves = Math.Round(2 * at);
            at = Math.Abs((2 * at) - halves) < 1e-6 ? halves / 2 : at;
            if (rule.Interpolation == Interpolation.Linear)
            {
                int lower = (int)Math.Floor(at);
                shares[o, Math.Clamp(lower, 0, input - 1)] += 1 - (at - lower);
                shares[o, Math.Clamp(lower + 1, 0, input - 1)] += at - lower;
                continue;
            }

            double nearest = rule.Rounding switch
            {
                ResizeRounding.PreferFloor => Math.Ceiling(at - 0.5),
                ResizeRounding.PreferCeil => Math.Floor(at + 0.5),
                ResizeRounding.Floor => Math.Floor(at),
                _ => Math.Ceiling(at),
            };
            shares[o, (int)Math.Clamp(nearest, 0, input - 1)] = 1;
        }

        return shares;
    }

    private static void Visit(Shape before, Shape to, double[,] vertical, double[,] horizontal, Action<int, int, double> meet)
    {
        for (int o = 0; o < to.Count; o++)
        {
            int c = o % to.C, ow = o / to.C % to.W, oh = o / to.C / to.W % to.H, n = o / to.C / to.Area;
            for (int i = 0; i < before.Area; i++)
            {
                meet((((n * before.Area) + i) * before.C) + c, o, vertical[oh, i / before.W] * horizontal[ow, i % before.W]);
            }
        }
    }
}
