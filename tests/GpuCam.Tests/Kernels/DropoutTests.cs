using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class DropoutTests
{
    private static readonly Shape s_shape = new(3, 7, 5, 11);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void An_element_is_zero_or_larger_as_its_random_word_says(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_shape.Count, 1, 1, 2);
        Tensor input = op.Input("x", s_shape, x), y = op.Output("y", s_shape);
        float[] got = OpHarness.RunTwice(y, () => Dropout.Forward(input, y, 0.25f, 7, 9));
        var words = new CounterRandom(7, RandomPurpose.Dropout, 9);
        OpHarness.Close([.. x.Select((value, i) => words.Word((uint)i) < 1u << 30 ? 0 : value / 0.75)], got, 1e-6);
        Dropout.Forward(input, input, 0.25f, 7, 9);
        Assert.Equal(got, input.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_part_of_something_larger_is_dropped_as_the_whole_is(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(103, 1, 1, 2);
        Tensor whole = op.Output("whole", Shape.Vector(x.Length));
        Dropout.Forward(op.Input("x", whole.Shape, x), whole, 0.4f, 7, 9);
        float[] expected = whole.ToArray();
        foreach ((int first, int count) in ((int, int)[])[(0, 5), (1, 1), (2, 9), (3, 6), (4, 4), (5, 98), (102, 1)])
        {
            Tensor part = op.Input("part", Shape.Vector(count), x[first..(first + count)]), y = op.Output("y", part.Shape);
            float[] got = OpHarness.RunTwice(y, () => Dropout.Forward(part, y, 0.4f, 7, 9, first));
            Assert.Equal(expected[first..(first + count)], got);
        }
    }

    [Fact]
    public void The_mean_stays_and_another_draw_drops_others()
    {
        using var op = new OpHarness("plain");
        var shape = Shape.Vector(40001);
        Tensor ones = op.Input("x", shape, [.. Enumerable.Repeat(1f, shape.Count)]), y = op.Output("y", shape);
        foreach (float rate in (float[])[0.1f, 0.5f, 0.9f])
        {
            Dropout.Forward(ones, y, rate, 1, 2);
            float[] first = y.ToArray();
            double expected = Math.Sqrt(rate / (1 - rate) / shape.Count);
            Assert.InRange(first.Average(), 1 - (4 * expected), 1 + (4 * expected));
            foreach ((ulong seed, ulong draw) in ((ulong, ulong)[])[(1, 3), (2, 2), (1, 2UL << 32)])
            {
                Dropout.Forward(ones, y, rate, seed, draw);
                double same = first.Zip(y.ToArray()).Count(pair => pair.First == pair.Second) / (double)shape.Count;
                Assert.InRange(same, (rate * rate) + ((1 - rate) * (1 - rate)) - 0.02, (rate * rate) + ((1 - rate) * (1 - rate)) + 0.02);
            }
        }
    }

    [Fact]
    public void A_rate_of_zero_changes_nothing_and_one_of_one_is_refused()
    {
        using var op = new OpHarness("plain");
        float[] x = OpHarness.Random(s_shape.Count, 1);
        Tensor input = op.Input("x", s_shape, x), y = op.Output("y", s_shape);
        Dropout.Forward(input, y, 0, 1, 1);
        Assert.Equal(x, y.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout.Forward(input, y, 1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout.Forward(input, y, float.NaN, 1, 1));
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", s_shape), y = op.Output("y", s_shape.WithC(8));
        Assert.Equal(
            "tensor 'y' is 3x7x5x8, expected 3x7x5x11",
            Assert.Throws<ArgumentException>(() => Dropout.Forward(x, y, 0.5f, 1, 1)).Message);
    }
}
