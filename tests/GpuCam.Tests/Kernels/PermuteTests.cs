using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Transpositions, element by element from their definition, and back by the inverse order.</summary>
public class PermuteTests
{
    private static readonly int[][] s_orders =
    [
        [0], [1, 0], [0, 2, 1], [2, 0, 1], [0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [0, 2, 1, 3], [0, 2, 1, 3, 4], [0, 1, 4, 2, 3],
        [4, 1, 3, 0, 2], [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5], [2, 0, 4, 1, 5, 3],
    ];

    private static readonly int[][] s_extents = [[2, 3, 5, 4, 2, 3], [5, 1, 3, 2, 4, 2], [1, 2, 1, 1, 3, 1], [2, 33, 17, 3, 1, 2]];

    public static TheoryData<string, string> Cases => TestDevices.With(s_orders.Select(order => string.Join(",", order)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Axes_come_in_the_order_asked_for_and_the_inverse_brings_them_back(string device, string name)
    {
        int[] order = [.. name.Split(',').Select(int.Parse)];
        using var op = new OpHarness(device);
        foreach (int[] all in s_extents)
        {
            int[] extents = all[..order.Length], turned = [.. order.Select(axis => extents[axis])];
            var shape = Shape.Vector(extents.Aggregate((a, b) => a * b));
            float[] x = OpHarness.Random(shape.Count, 1);
            float[] expected = new float[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                int[] place = Place(i, extents);
                expected[Index([.. order.Select(axis => place[axis])], turned)] = x[i];
            }

            Tensor input = op.Input("x", shape, x), y = op.Output("y", shape), back = op.Output("back", shape);
            Assert.Equal(expected, OpHarness.RunTwice(y, () => Permute.Forward(input, y, extents, order)));
            Permute.Forward(y, back, turned, Permute.Inverse(order));
            Assert.Equal(x, back.ToArray());
        }
    }

    [Fact]
    public void Neighbours_that_stay_together_are_one_axis()
    {
        var layout = PermutedAxes.Merge([2, 3, 5, 7], [0, 3, 1, 2]);
        Assert.Equal((1, 1, 1, 2, 7, 15), (layout.E0, layout.E1, layout.E2, layout.E3, layout.E4, layout.E5));
        var nothing = PermutedAxes.Merge([2, 3, 1, 7], [0, 2, 1, 3]);
        Assert.Equal((1, 42, 1), (nothing.E4, nothing.E5, nothing.S5));
    }

    [Fact]
    public void What_is_no_permutation_or_does_not_fit_is_refused()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(1, 2, 3, 4)), y = op.Output("y", new Shape(1, 2, 3, 5));
        Assert.Equal(
            "tensor 'x' 1x2x3x4 is no array of [2, 3, 4] whose axes can come in the order [0, 1, 1]",
            Assert.Throws<ArgumentException>(() => Permute.Forward(x, x, [2, 3, 4], [0, 1, 1])).Message);
        Assert.Throws<ArgumentException>(() => Permute.Forward(x, x, [2, 3, 5], [0, 2, 1]));
        Assert.Throws<ArgumentException>(() => Permute.Forward(x, x, [2, 3, 4], [0, 1]));
        Assert.Equal(
            "tensor 'y' 1x2x3x5 has 30 elements, expected 24",
            Assert.Throws<ArgumentException>(() => Permute.Forward(x, y, [2, 3, 4], [0, 2, 1])).Message);
    }

    private static int[] Place(int index, int[] extents)
    {
        int[] place = new int[extents.Length];
        for (int axis = extents.Length - 1; axis >= 0; axis--)
        {
            place[axis] = index % extents[axis];
            index /= extents[axis];
        }

        return place;
    }

    private static int Index(int[] place, int[] extents) =>
        place.Select((at, axis) => at * extents[(axis + 1)..].Aggregate(1, (a, b) => a * b)).Sum();
}
