using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>From the gradient of a pool to those of the weight and the bias before it, against the definition in double precision.</summary>
public class PooledConvGradientTests
{
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, Conv2DGeometry> s_cases = new()
    {
        ["one window"] = Conv2DGeometry.Create(new Shape(1, 2, 2, 1), 1, 1),
        ["5x5 on grey images, a warp of channels"] = Conv2DGeometry.Same(new Shape(3, 12, 10, 1), 5, 32),
        ["odd extents, more than a warp of channels"] = Conv2DGeometry.Same(new Shape(2, 7, 9, 1), 5, 35),
        ["several tiles across and down"] = Conv2DGeometry.Same(new Shape(2, 11, 151, 1), 3, 3),
        ["rows that fill all banks"] = Conv2DGeometry.Create(new Shape(1, 6, 32, 1), 1, 5),
        ["3x3 on colours"] = Conv2DGeometry.Create(new Shape(2, 9, 8, 3), 3, 6, padding: 1),
        ["7x7 on colours"] = Conv2DGeometry.Same(new Shape(1, 8, 11, 3), 7, 9),
        ["a patch of fewer cells"] = Conv2DGeometry.Same(new Shape(1, 8, 130, 6), 5, 4),
        ["dilated, seven channels"] = Conv2DGeometry.Create(new Shape(2, 9, 11, 7), 3, 6, padding: 2, dilation: 2),
        ["all unequal"] = new(new Shape(2, 9, 14, 2), 2, 3, 7, 1, 1, 1, 0, 2, 4, 3, 2),
        ["padding alone under some taps"] = new(new Shape(1, 3, 4, 2), 3, 3, 2, 1, 1, 4, 3, 3, 4, 1, 1),
        ["no padding"] = Conv2DGeometry.Create(new Shape(2, 6, 9, 3), 3, 5),
        ["stride 2"] = Conv2DGeometry.Create(new Shape(2, 9, 9, 3), 3, 5, stride: 2, padding: 1),
        ["many channels"] = Conv2DGeometry.Create(new Shape(2, 5, 6, 8), 3, 5, padding: 1),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void It_is_the_definition(string device, string name)
    {
        using var op = new OpHarness(device);
        IsTheDefinition(op, s_cases[name]);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Groups_of_any_size_and_sums_in_parts_are_right(string device, int groupSize)
    {
        using var op = new OpHarness(TestDevices.WithGroups(device, new LaunchRow(groupSize, Splits: 3)));
        string[] names = ["odd extents, more than a warp of channels", "several tiles across and down", "3x3 on colours", "all unequal"];
        foreach (string name in names)
        {
            IsTheDefinition(op, s_cases[name]);
        }
    }

    [Fact]
    public void Devices_for_groups_have_a_kernel_where_few_channels_are_read_without_a_stride()
    {
        using var groups = new OpHarness(TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(16)));
        using var plain = new OpHarness("plain");
        string[] direct = [.. s_cases.Where(entry => PooledConvGradient.IsDirect(groups.Device, entry.Value)).Select(entry => entry.Key)];
        Assert.Equal(s_cases.Keys.Except(["stride 2", "many channels"]), direct);
        Assert.DoesNotContain(s_cases.Values, g => PooledConvGradient.IsDirect(plain.Device, g));
        Conv2DGeometry reference = Conv2DGeometry.Same(new Shape(1, 100, 100, 1), 5, 32);
        Assert.True(PooledConvGradient.IsDirect(groups.Device, reference));
        Assert.False(PooledConvGradient.IsDirect(groups.Device, reference with { X = new Shape(1, 1, 100, 1) }));
        Assert.False(PooledConvGradient.IsDirect(groups.Device, Conv2DGeometry.Same(new Shape(1, 100, 100, 2), 9, 32)));
        Assert.False(PooledConvGradient.IsDirect(groups.Device, new(new Shape(1, 9000, 9, 1), 5, 5, 8, 1, 1, 0, 2, 0, 2, 2000, 1)));
    }

    private static void IsTheDefinition(OpHarness op, Conv2DGeometry g)
    {
        var pool = Pool2DGeometry.Square(g.Y, 2, 2, 0);
        float[] xValues = OpHarness.Random(g.X.Count, 1), dyValues = OpHarness.Random(pool.Y.Count, 2);
        Tensor x = op.Input("x", g.X, xValues), dy = op.Input("dy", pool.Y, dyValues), y = op.Output("y", pool.Y);
        Tensor before = op.Input("before", g.Y, OpHarness.Random(g.Y.Count, 3, -1, 0.5f));
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", y.Count);
        MaxPool2D.Forward(before, y, argmax, pool);
        float[] yValues = y.ToArray(), unpooled = new float[g.Y.Count];
        int[] winners = argmax.ToArray();
        for (int i = 0; i < yValues.Length; i++)
        {
            int n = i / (pool.Y.Area * g.OC);
            unpooled[(((n * g.Y.Area) + winners[i]) * g.OC) + (i % g.OC)] = yValues[i] > 0 ? dyValues[i] : 0;
        }

        Tensor dWeight = op.Output("dWeight", g.Weight), dBias = op.Output("dBias", Shape.Vector(g.OC));
        float[] weights = OpHarness.RunTwice(dWeight, () => PooledConvGradient.Backward(x, y, dy, argmax, dWeight, dBias, g));
        OpHarness.Close(Conv2DCases.BackwardWeight(g, xValues, unpooled), weights, Tolerance, "dWeight");
        OpHarness.Close(Conv2DCases.BackwardBias(g, unpooled), dBias.ToArray(), Tolerance, "dBias");
    }
}
