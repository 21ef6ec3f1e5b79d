using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class Pad2DTests
{
    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["nothing"] = new(new Shape(2, 3, 4, 5), new Shape(2, 3, 4, 5), 0, 0, 0, PadMode.Constant),
        ["around"] = new(new Shape(2, 3, 5, 7), new Shape(2, 6, 10, 7), 1, 3, 0, PadMode.Constant),
        ["cropped"] = new(new Shape(2, 7, 9, 3), new Shape(2, 4, 5, 3), -2, -1, 0, PadMode.Constant),
        ["cropped here, padded there"] = new(new Shape(2, 5, 6, 3), new Shape(2, 7, 9, 3), -1, 4, 0, PadMode.Constant),
        ["moved out of sight"] = new(new Shape(1, 2, 3, 4), new Shape(1, 3, 3, 4), 3, -5, 0, PadMode.Constant),
        ["channels, in front and behind"] = new(new Shape(2, 3, 4, 5), new Shape(2, 4, 4, 9), 1, 0, 2, PadMode.Constant),
        ["channels, cropped"] = new(new Shape(2, 3, 4, 9), new Shape(2, 3, 6, 4), 0, 1, -3, PadMode.Constant),
        ["edge"] = new(new Shape(2, 3, 5, 7), new Shape(2, 8, 9, 7), 3, 1, 0, PadMode.Edge),
        ["edge of one pixel"] = new(new Shape(1, 1, 1, 17), new Shape(1, 4, 3, 17), 2, 1, 0, PadMode.Edge),
        ["edge, cropped here, padded there"] = new(new Shape(2, 5, 6, 3), new Shape(2, 7, 5, 3), -1, -2, 0, PadMode.Edge),
        ["reflect"] = new(new Shape(2, 4, 5, 7), new Shape(2, 8, 9, 7), 3, 2, 0, PadMode.Reflect),
        ["reflect, further than the image"] = new(new Shape(1, 3, 2, 4), new Shape(1, 17, 9, 4), 7, 4, 0, PadMode.Reflect),
        ["reflect of one row"] = new(new Shape(2, 1, 4, 5), new Shape(2, 3, 6, 5), 1, 1, 0, PadMode.Reflect),
        ["reflect, cropped here, padded there"] = new(new Shape(2, 5, 6, 3), new Shape(2, 7, 8, 3), -1, 3, 0, PadMode.Reflect),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Both_directions_are_the_definition(string device, string name)
    {
        const float Value = -0.3f;
        using var op = new OpHarness(device);
        Case one = s_cases[name];
        float[] x = OpHarness.Random(one.From.Count, 1), dy = OpHarness.Random(one.To.Count, 2);
        Tensor input = op.Input("x", one.From, x), y = op.Output("y", one.To);
        float[] actual = OpHarness.RunTwice(y, () => Pad2D.Forward(input, y, one.Top, one.Left, one.Mode, Value, one.Front));
        int[] sources = [.. Enumerable.Range(0, one.To.Count).Select(one.Source)];
        OpHarness.Close([.. sources.Select(source => source < 0 ? Value : (double)x[source])], actual, 0, "y");

        double[] expected = new double[x.Length];
        for (int i = 0; i < dy.Length; i++)
        {
            if (sources[i] >= 0)
            {
                expected[sources[i]] += dy[i];
            }
        }

        Tensor dyTensor = op.Input("dy", one.To, dy), dx = op.Output("dx", one.From);
        float[] gradient = OpHarness.RunTwice(dx, () => Pad2D.Backward(dyTensor, dx, one.Top, one.Left, one.Mode, one.Front));
        OpHarness.Close(expected, gradient, 1e-6, "dx");
    }

    [Theory]
    [InlineData(PadMode.Constant, "9 9 9 1 2 3 9 9")]
    [InlineData(PadMode.Edge, "1 1 1 1 2 3 3 3")]
    [InlineData(PadMode.Reflect, "2 3 2 1 2 3 2 1")]
    public void Each_mode_is_what_it_is_elsewhere(PadMode mode, string expected)
    {
        using var op = new OpHarness("plain");
        Tensor y = op.Output("y", new Shape(1, 1, 8, 1));
        Pad2D.Forward(op.Input("x", new Shape(1, 1, 3, 1), [1, 2, 3]), y, 0, 3, mode, 9);
        Assert.Equal(expected, string.Join(' ', y.ToArray()));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Case one = s_cases["reflect"];
        float[] x = OpHarness.Random(one.From.Count, 1), dy = OpHarness.Random(one.To.Count, 2);
        Tensor input = op.Input("x", one.From, x), y = op.Output("y", one.To), dx = op.Output("dx", one.From);
        Pad2D.Backward(op.Input("dy", one.To, dy), dx, one.Top, one.Left, one.Mode);
        OpHarness.CloseToFiniteDifferences(x, Forward, dy, dx.ToArray());

        float[] Forward(float[] changed)
        {
            input.CopyFrom(changed);
            Pad2D.Forward(input, y, one.Top, one.Left, one.Mode, 1);
            return y.ToArray();
        }
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(1, 2, 3, 4)), y = op.Output("y", new Shape(2, 4, 6, 4));
        Error(() => Pad2D.Forward(x, y, 1, 1, PadMode.Edge, 0), "tensor 'y' is 2x4x6x4, expected 1x4x6x4");
        Error(() => Pad2D.Backward(y, x, 1, 1, PadMode.Edge), "tensor 'y' is 2x4x6x4, expected 1x4x6x4");
        Error(
            () => Pad2D.Forward(x, x, 1, int.MinValue, PadMode.Edge, 0),
            "tensors 'x' 1x2x3x4 and 'x' 1x2x3x4 with offset -2147483648 are too large to pad");

        static void Error(Action act, string message) => Assert.Equal(message, Assert.Throws<ArgumentException>(act).Message);
    }

    /// <summary>A padding, and its reference: walks from the border inwards, step by step.</summary>
    private sealed record Case(Shape From, Shape To, int Top, int Left, int Front, PadMode Mode)
    {
        /// <summary>The element of x that element <paramref name="o"/> of y is a copy of, or -1.</summary>
        public int Source(int o)
        {
            int c = Walk((o % To.C) - Front, From.C), w = Walk((o / To.C % To.W) - Left, From.W);
            int h = Walk((o / To.C / To.W % To.H) - Top, From.H), n = o / To.C / To.Area;
            return c < 0 || w < 0 || h < 0 ? -1 : (((((n * From.H) + h) * From.W) + w) * From.C) + c;
        }

        private int Walk(int i, int extent)
        {
            if (Mode == PadMode.Constant)
            {
                return i >= 0 && i < extent ? i : -1;
            }

            int place = 0, direction = extent == 1 ? 0 : Math.Sign(i);
            for (int steps = Math.Abs(i); steps > 0; steps--)
            {
                // Leftwards from pixel 0 a mirror image begins with pixel 1: it turns at once.
                bool blocked = place + direction < 0 || place + direction >= extent;
                direction = blocked && Mode == PadMode.Reflect ? -direction : direction;
                place += blocked && Mode == PadMode.Edge ? 0 : direction;
            }

            return place;
        }
    }
}
