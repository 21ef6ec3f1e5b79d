using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Boxes taken out of tensors and put into them, element by element from their definition.</summary>
public class SliceTests
{
    private static readonly Shape s_whole = new(3, 4, 7, 37), s_origin = new(0, 0, 0, 0);

    /// <summary>Part, start and step.</summary>
    private static readonly (Shape Part, Shape Start, Shape Step)[] s_slices =
    [
        (s_whole, s_origin, new(1, 1, 1, 1)),
        (new(3, 4, 7, 20), new(0, 0, 0, 17), new(1, 1, 1, 1)),
        (new(1, 4, 7, 37), new(2, 0, 0, 0), new(1, 1, 1, 1)),
        (new(3, 2, 7, 37), new(0, 1, 0, 0), new(1, 2, 1, 1)),
        (new(2, 2, 2, 12), new(0, 1, 1, 1), new(2, 2, 3, 3)),
        (new(1, 1, 1, 1), new(2, 3, 6, 36), new(5, 5, 5, 5)),
        (new(3, 4, 7, 1), new(0, 0, 0, 5), new(1, 1, 1, 1)),
    ];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_slice_takes_every_so_many_elements_and_its_gradient_goes_back_there(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_whole.Count, 1);
        foreach ((Shape part, Shape start, Shape step) in s_slices)
        {
            int[] places = [.. Places(part, start, step)];
            Tensor input = op.Input("x", s_whole, x), y = op.Output("y", part), dx = op.Output("dx", s_whole);
            Assert.Equal(places.Select(at => x[at]), OpHarness.RunTwice(y, () => Slice.Forward(input, y, start, step)));
            float[] dy = OpHarness.Random(part.Count, 2), expected = new float[x.Length];
            for (int i = 0; i < dy.Length; i++)
            {
                expected[places[i]] = dy[i];
            }

            Tensor gradient = op.Input("dy", part, dy);
            Assert.Equal(expected, OpHarness.RunTwice(dx, () => Slice.Backward(gradient, dx, start, step)));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Boxes_side_by_side_concatenate_along_any_axis(string device)
    {
        using var op = new OpHarness(device);
        foreach (Shape axis in (Shape[])[new(1, 0, 0, 0), new(0, 1, 0, 0), new(0, 0, 1, 0), new(0, 0, 0, 1)])
        {
            foreach (int length in (int[])[1, 5, 33])
            {
                Shape first = new(2, 3, 5, 7), second = first with
                {
                    N = axis.N != 0 ? length : 2,
                    H = axis.H != 0 ? length : 3,
                    W = axis.W != 0 ? length : 5,
                    C = axis.C != 0 ? length : 7,
                };
                Shape behind = new(axis.N * 2, axis.H * 3, axis.W * 5, axis.C * 7);
                Shape whole = new(behind.N + second.N, behind.H + second.H, behind.W + second.W, behind.C + second.C);
                float[] a = OpHarness.Random(first.Count, 1), b = OpHarness.Random(second.Count, 2);
                Tensor y = op.Output("y", whole), ofA = op.Input("a", first, a), ofB = op.Input("b", second, b);
                float[] got = OpHarness.RunTwice(y, () =>
                {
                    CopyRegion.Forward(ofA, y, s_origin, first, s_origin);
                    CopyRegion.Forward(ofB, y, s_origin, second, behind);
                });
                Assert.Equal(a, Places(first, s_origin, new(1, 1, 1, 1), whole).Select(at => got[at]));
                Assert.Equal(b, Places(second, behind, new(1, 1, 1, 1), whole).Select(at => got[at]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_box_from_the_middle_leaves_what_is_around_it(string device)
    {
        using var op = new OpHarness(device);
        Shape size = new(2, 2, 3, 19), from = new(1, 1, 3, 17), to = new(0, 2, 1, 1), target = new(2, 5, 4, 21);
        float[] x = OpHarness.Random(s_whole.Count, 1), kept = OpHarness.Random(target.Count, 2);
        Tensor y = op.Input("y", target, kept);
        CopyRegion.Forward(op.Input("x", s_whole, x), y, from, size, to);
        int[] source = [.. Places(size, from, new(1, 1, 1, 1))], places = [.. Places(size, to, new(1, 1, 1, 1), target)];
        for (int i = 0; i < source.Length; i++)
        {
            kept[places[i]] = x[source[i]];
        }

        Assert.Equal(kept, y.ToArray());
    }

    [Fact]
    public void What_lies_outside_is_refused()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 5, 7)), y = op.Output("y", new Shape(2, 3, 5, 4));
        Assert.Equal(
            "tensor 'y' 2x3x5x4 from 0x0x0x1 on in steps of 1x1x1x2 does not lie within tensor 'x' 2x3x5x7",
            Assert.Throws<ArgumentException>(() => Slice.Forward(x, y, new(0, 0, 0, 1), new(1, 1, 1, 2))).Message);
        Assert.Equal(
            "a box of 2x3x5x7 at 0x0x0x0 does not lie within tensor 'y' 2x3x5x4",
            Assert.Throws<ArgumentException>(() => CopyRegion.Forward(x, y, s_origin, x.Shape, s_origin)).Message);
    }

    private static IEnumerable<int> Places(Shape part, Shape start, Shape step) => Places(part, start, step, s_whole);

    private static IEnumerable<int> Places(Shape part, Shape start, Shape step, Shape whole) =>
        from n in Enumerable.Range(0, part.N)
        from h in Enumerable.Range(0, part.H)
        from w in Enumerable.Range(0, part.W)
        from c in Enumerable.Range(0, part.C)
        select ((((((start.N + (step.N * n)) * whole.H) + start.H + (step.H * h)) * whole.W) + start.W + (step.W * w)) * whole.C)
            + start.C + (step.C * c);
}
