using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Tests.Kernels.Groups;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// The tiled kernels of the convolution with real barriers: every tile, groups smaller and larger than a tile has work for, and
/// sums that are split. (On <c>groups-of-1</c>, <see cref="Conv2DTests"/> runs them through all its cases.)
/// </summary>
public class GroupConv2DTests
{
    private const double Tolerance = 1e-5;

    /// <summary>More than one tile in both directions, the last ones not full, and more than one image per tile.</summary>
    private static readonly Conv2DGeometry s_geometry = new(new Shape(2, 8, 17, 3), 3, 2, 69, 1, 1, 1, 0, 1, 1, 1, 1);

    /// <summary>The same for the backward products, whose columns and rows are other extents.</summary>
    private static readonly Conv2DGeometry s_strided = new(new Shape(2, 5, 7, 37), 3, 2, 5, 2, 1, 1, 0, 2, 4, 1, 2);

    /// <summary>Barriers are slow on a CPU: every tile with groups too small for it, and the smallest also with spare threads.</summary>
    public static TheoryData<string, int, string> Launches
    {
        get
        {
            var launches = new TheoryData<string, int, string>();
            foreach ((string device, int largest) in ((string, int)[])
                [(TestDevices.HostGroups, GroupHostDevice.LargestGroup), (TestDevices.IlgpuGroups, TestDevices.LargestIlgpuGroup)])
            {
                foreach (TileSize tile in TileSize.All)
                {
                    launches.Add(device, 1, $"{tile}");
                    launches.Add(device, 16, $"{tile}");
                }

                launches.Add(device, 13, "64x32");
                launches.Add(device, largest, "64x32");
            }

            return launches;
        }
    }

    [Theory]
    [InlineData(TestDevices.HostGroups, 16, "128x64")]
    [InlineData(TestDevices.HostGroups, 16, "256x32")]
    [InlineData(TestDevices.HostGroups, GroupHostDevice.LargestGroup, "64x32")]
    [InlineData(TestDevices.IlgpuGroups, 16, "128x64")]
    [InlineData(TestDevices.IlgpuGroups, 16, "256x32")]
    [InlineData(TestDevices.IlgpuGroups, TestDevices.LargestIlgpuGroup, "64x32")]
    public void Fused_pooling_picks_the_same_winners(string device, int groupSize, string tile)
    {
        using OpHarness op = Harness(device, groupSize, tile, splits: 1);
        FusedPoolingIsPooling(op, Conv2DGeometry.Same(new Shape(2, 5, 7, 3), 3, 37), withNaN: false);
        FusedPoolingIsPooling(op, s_strided with { X = s_strided.X.WithC(3) }, withNaN: true);
    }

    [Theory]
    [MemberData(nameof(Launches))]
    public void All_three_directions_are_the_definition(string device, int groupSize, string tile)
    {
        foreach (Conv2DGeometry g in new[] { s_geometry, s_strided })
        {
            using OpHarness op = Harness(device, groupSize, tile, splits: 3);
            float[] xValues = OpHarness.Random(g.X.Count, 1), weightValues = OpHarness.Random(g.Weight.Count, 2);
            float[] biasValues = OpHarness.Random(g.OC, 3), dyValues = OpHarness.Random(g.Y.Count, 4);
            Tensor x = op.Input("x", g.X, xValues), weight = op.Input("weight", g.Weight, weightValues);
            Tensor bias = op.Input("bias", Shape.Vector(g.OC), biasValues), dy = op.Input("dy", g.Y, dyValues);
            Tensor y = op.Output("y", g.Y), dx = op.Output("dx", g.X), dWeight = op.Output("dWeight", g.Weight);
            Conv2D.Forward(x, weight, bias, y, g, Activation.Relu);
            OpHarness.Close(Conv2DCases.Forward(g, xValues, weightValues, biasValues, true), y.ToArray(), Tolerance, "y");
            Conv2D.BackwardData(dy, weight, dx, g);
            OpHarness.Close(Conv2DCases.BackwardData(g, dyValues, weightValues), dx.ToArray(), Tolerance, "dx");
            float[] twice = OpHarness.RunTwice(dWeight, () => Conv2D.BackwardWeight(x, dy, dWeight, g));
            OpHarness.Close(Conv2DCases.BackwardWeight(g, xValues, dyValues), twice, Tolerance, "dWeight");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Pooling_with_the_convolution_is_pooling_behind_it_on_every_device(string device)
    {
        using var op = new OpHarness(device);
        FusedPoolingIsPooling(op, Conv2DGeometry.Same(new Shape(2, 5, 6, 1), 5, 9), withNaN: true);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Grey_images_are_pooled_alike_by_groups_of_any_size(string device, int groupSize)
    {
        using var op = new OpHarness(TestDevices.WithGroups(device, new LaunchRow(groupSize)));
        FusedPoolingIsPooling(op, Conv2DGeometry.Same(new Shape(2, 7, 10, 1), 5, 35), withNaN: true);
        FusedPoolingIsPooling(op, Conv2DGeometry.Same(new Shape(1, 5, 135, 1), 5, 3), withNaN: false);
        FusedPoolingIsPooling(op, new Conv2DGeometry(new Shape(2, 8, 7, 1), 5, 5, 4, 1, 1, 0, 3, 1, 2, 1, 1), withNaN: true);
    }

    [Theory]
    [InlineData(TestDevices.HostGroups)]
    [InlineData(TestDevices.IlgpuGroups)]
    public void The_group_kernels_are_what_runs(string device)
    {
        // Another order of the sum gives other bits: were the plain kernel behind both, this would be equal.
        var g = Conv2DGeometry.Create(new Shape(5, 7, 9, 3), 3, 5);
        float[] whole = BackwardWeight(splits: 1), parts = BackwardWeight(splits: 4);
        Assert.NotEqual(whole, parts);
        OpHarness.Close([.. whole.Select(v => (double)v)], parts, 1e-5);

        float[] BackwardWeight(int splits)
        {
            using OpHarness op = Harness(device, 1, TileSize.Small.ToString(), splits);
            Tensor dWeight = op.Output("dWeight", g.Weight);
            Tensor x = op.Input("x", g.X, OpHarness.Random(g.X.Count, 1)), dy = op.Input("dy", g.Y, OpHarness.Random(g.Y.Count, 2));
            Conv2D.BackwardWeight(x, dy, dWeight, g);
            return dWeight.ToArray();
        }
    }

    private static void FusedPoolingIsPooling(OpHarness op, Conv2DGeometry g, bool withNaN)
    {
        var pool = Pool2DGeometry.Square(g.Y, 2, 2, 0);
        float[] xValues = OpHarness.Random(g.X.Count, 1);
        if (withNaN)
        {
            xValues[xValues.Length / 2] = float.NaN;
        }

        Tensor x = op.Input("x", g.X, xValues), weight = op.Input("weight", g.Weight, OpHarness.Random(g.Weight.Count, 2));
        Tensor bias = op.Input("bias", Shape.Vector(g.OC), OpHarness.Random(g.OC, 3));
        Tensor unpooled = op.Output("unpooled", g.Y), expected = op.Output("expected", pool.Y), y = op.Output("y", pool.Y);
        int count = pool.Y.Count;
        DeviceBuffer<int> expectedArgmax = op.IntegerOutput("expectedArgmax", count), argmax = op.IntegerOutput("argmax", count);
        foreach (bool relu in new[] { true, false })
        {
            Conv2D.Forward(x, weight, bias, unpooled, g, relu ? Activation.Relu : default);
            MaxPool2D.Forward(unpooled, expected, expectedArgmax, pool);
            Conv2D.ForwardMaxPool(x, weight, bias, y, argmax, g, relu);
            Assert.Equal(withNaN, expected.ToArray().Any(float.IsNaN));
            Assert.Equal(expected.ToArray(), y.ToArray());
            Assert.Equal(expectedArgmax.ToArray()[..count], argmax.ToArray()[..count]);
        }
    }

    private static OpHarness Harness(string device, int groupSize, string tile, int splits) => new(TestDevices.WithGroups(
        device, new LaunchRow(groupSize, TileSize.All.Single(t => t.ToString() == tile), splits)));
}
