using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class BilinearResizeTests
{
    // Input and output extents: enlarging, reducing, one axis each, by odd ratios, from and to one pixel, not at all.
    private static readonly (int H, int W, int OH, int OW)[] s_sizes =
    [
        (3, 5, 7, 11), (7, 11, 3, 5), (5, 9, 13, 4), (1, 1, 3, 5), (4, 3, 1, 1), (6, 5, 6, 5), (25, 3, 100, 12), (2, 30, 9, 2),
    ];

    public static TheoryData<string, ResizeMode> Cases
    {
        get
        {
            var cases = new TheoryData<string, ResizeMode>();
            foreach (string device in TestDevices.All)
            {
                foreach (ResizeMode mode in Enum.GetValues<ResizeMode>())
                {
                    cases.Add(device, mode);
                }
            }

            return cases;
        }
    }

    // Worked out by hand: half-pixel up s = -1/4 (0), 1/4, 3/4, 5/4 (last); legacy up s = 0, 1/2, 1, 3/2 (last);
    // half-pixel down 4 to 2 s = 1/2, 5/2; legacy down s = 0, 2; 2 to 3 half-pixel s = -1/6 (0), 1/2, 7/6 (last); legacy s = 0, 2/3, 4/3.
    public static TheoryData<ResizeMode, float[], float[]> GoldenRows => new()
    {
        { ResizeMode.HalfPixel, [0, 4], [0, 1, 3, 4] },
        { ResizeMode.Legacy, [0, 4], [0, 2, 4, 4] },
        { ResizeMode.HalfPixel, [0, 4, 8, 16], [2, 12] },
        { ResizeMode.Legacy, [0, 4, 8, 16], [0, 8] },
        { ResizeMode.HalfPixel, [0, 3], [0, 1.5f, 3] },
        { ResizeMode.Legacy, [0, 3], [0, 2, 3] },
        { ResizeMode.HalfPixel, [0, 6, 12], [1.5f, 10.5f] },
        { ResizeMode.Legacy, [0, 6, 12], [0, 9] },
    };

    [Theory]
    [MemberData(nameof(GoldenRows))]
    public void A_row_and_a_column_worked_out_by_hand(ResizeMode mode, float[] x, float[] expected)
    {
        foreach (string device in TestDevices.All)
        {
            using var op = new OpHarness(device);
            double[] golden = [.. expected.Select(v => (double)v)];
            OpHarness.Close(golden, Forward(op, new Shape(1, 1, x.Length, 1), new Shape(1, 1, expected.Length, 1), x, mode), 1e-7, "row");
            OpHarness.Close(
                golden, Forward(op, new Shape(1, x.Length, 1, 1), new Shape(1, expected.Length, 1, 1), x, mode), 1e-7, "column");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_square_worked_out_by_hand(string device, ResizeMode mode)
    {
        using var op = new OpHarness(device);
        double[] expected = mode == ResizeMode.HalfPixel
            ? [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12]
            : [0, 2, 4, 4, 4, 6, 8, 8, 8, 10, 12, 12, 8, 10, 12, 12];
        OpHarness.Close(expected, Forward(op, new Shape(1, 2, 2, 1), new Shape(1, 4, 4, 1), [0, 4, 8, 12], mode), 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_agrees_with_the_formula_in_double(string device, ResizeMode mode)
    {
        using var op = new OpHarness(device);
        foreach ((Shape input, Shape output) in new[] { 1, 3, 17, 33 }.SelectMany(Sizes))
        {
            float[] x = OpHarness.Random(input.Count, 1);
            OpHarness.Close(Reference(input, output, x, mode), Repeat.SameBits(() => Forward(op, input, output, x, mode)), 1e-6,
                $"{input} to {output}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_is_the_transpose(string device, ResizeMode mode)
    {
        using var op = new OpHarness(device);
        foreach ((Shape input, Shape output) in Sizes(3))
        {
            float[] x = OpHarness.Random(input.Count, 2);
            float[] dy = OpHarness.Random(output.Count, 3);
            float[] dx = Repeat.SameBits(() => Backward(op, input, output, dy, mode));
            Assert.Equal(OpHarness.Dot(Forward(op, input, output, x, mode), dy), OpHarness.Dot(x, dx), 1e-3);
            Assert.Equal(dy.Sum(v => (double)v), dx.Sum(v => (double)v), 1e-3);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_agrees_with_finite_differences(string device, ResizeMode mode)
    {
        using var op = new OpHarness(device);
        foreach ((Shape input, Shape output) in Sizes(2))
        {
            if (input.Count > 100)
            {
                continue;
            }

            float[] x = OpHarness.Random(input.Count, 4);
            float[] dy = OpHarness.Random(output.Count, 5);
            float[] dx = Backward(op, input, output, dy, mode);
            OpHarness.CloseToFiniteDifferences(x, v => Forward(op, input, output, v, mode), dy, dx);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_same_size_changes_no_bit(string device, ResizeMode mode)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(2, 7, 5, 3);
        float[] x = OpHarness.Random(shape.Count, 6);
        Assert.Equal(x, Forward(op, shape, shape, x, mode));
        Assert.Equal(x, Backward(op, shape, shape, x, mode));
    }

    [Fact]
    public void Wrong_shapes_and_sizes_too_large_are_named()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 4, 5));
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => BilinearResize.Forward(x, op.Output("y", new Shape(2, 6, 8, 4)), ResizeMode.Legacy));
        Assert.Equal("tensor 'y' is 2x6x8x4, expected 2x6x8x5", error.Message);
        Tensor line = op.Output("line", new Shape(1, 1, 40000, 1));
        error = Assert.Throws<ArgumentException>(() => BilinearResize.Forward(line, line, ResizeMode.HalfPixel));
        Assert.Contains("too large to resize", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(Shape Input, Shape Output)> Sizes(int channels) =>
        s_sizes.Select(s => (new Shape(2, s.H, s.W, channels), new Shape(2, s.OH, s.OW, channels)));

    private static double[] Reference(Shape input, Shape output, float[] x, ResizeMode mode)
    {
        double[] y = new double[output.Count];
        int i = 0;
        for (int n = 0; n < output.N; n++)
        {
            for (int oh = 0; oh < output.H; oh++)
            {
                for (int ow = 0; ow < output.W; ow++)
                {
                    for (int c = 0; c < output.C; c++)
                    {
                        y[i++] = Sample(n, Place(oh, input.H, output.H, mode), Place(ow, input.W, output.W, mode), c);
                    }
                }
            }
        }

        return y;

        double Sample(int n, double h, double w, int c)
        {
            int top = (int)h;
            int left = (int)w;
            int bottom = Math.Min(top + 1, input.H - 1);
            int right = Math.Min(left + 1, input.W - 1);
            double above = At(n, top, left, c) + ((w - left) * (At(n, top, right, c) - At(n, top, left, c)));
            double below = At(n, bottom, left, c) + ((w - left) * (At(n, bottom, right, c) - At(n, bottom, left, c)));
            return above + ((h - top) * (below - above));
        }

        double At(int n, int h, int w, int c) => x[(((((n * input.H) + h) * input.W) + w) * input.C) + c];
    }

    private static double Place(int o, int input, int output, ResizeMode mode)
    {
        double scale = (double)input / output;
        double place = mode == ResizeMode.HalfPixel ? Math.Max(0, ((o + 0.5) * scale) - 0.5) : o * scale;
        return Math.Min(place, input - 1);
    }

    private static float[] Forward(OpHarness op, Shape input, Shape output, float[] x, ResizeMode mode)
    {
        Tensor y = op.Output("y", output);
        BilinearResize.Forward(op.Input("x", input, x), y, mode);
        return y.ToArray();
    }

    private static float[] Backward(OpHarness op, Shape input, Shape output, float[] dy, ResizeMode mode)
    {
        Tensor dx = op.Output("dx", input);
        BilinearResize.Backward(op.Input("dy", output, dy), dx, mode);
        return dx.ToArray();
    }
}
