using System.Collections.Concurrent;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The reference is the convolution of one group whose weight is zero between groups, in double.</summary>
public class GroupedConv2DTests
{
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, (Conv2DGeometry G, int Groups)> s_cases = new()
    {
        ["one group"] = (Conv2DGeometry.Same(new Shape(2, 5, 6, 4), 3, 6), 1),
        ["depthwise, one pixel"] = (Conv2DGeometry.Same(new Shape(1, 1, 1, 8), 3, 8), 8),
        ["depthwise, 2 channels"] = (Conv2DGeometry.Same(new Shape(2, 5, 7, 2), 3, 2), 2),
        ["depthwise, 5 channels"] = (Conv2DGeometry.Same(new Shape(2, 5, 9, 5), 3, 5), 5),
        ["depthwise, 37 channels, a long line"] = (Conv2DGeometry.Same(new Shape(1, 4, 21, 37), 5, 37), 37),
        ["depthwise, stride 2"] = (Conv2DGeometry.Create(new Shape(2, 10, 15, 24), 3, 24, stride: 2, padding: 1), 24),
        ["depthwise, stride 3 beyond the kernel"] = (Conv2DGeometry.Create(new Shape(2, 8, 14, 6), 2, 6, stride: 3), 6),
        ["depthwise, all unequal"] = (new(new Shape(2, 9, 17, 9), 2, 3, 9, 2, 3, 1, 0, 2, 4, 3, 2), 9),
        ["depthwise, padding alone under some taps"] = (new(new Shape(1, 2, 3, 8), 3, 3, 8, 1, 1, 4, 3, 3, 4, 1, 1), 8),
        ["depthwise 1x7"] = (new(new Shape(2, 3, 11, 7), 1, 7, 7, 1, 1, 0, 3, 0, 3, 1, 1), 7),
        ["depthwise, 3 for each"] = (Conv2DGeometry.Create(new Shape(2, 6, 9, 5), 3, 15, stride: 2, padding: 1), 5),
        ["groups of 4 to 4"] = (Conv2DGeometry.Same(new Shape(2, 5, 12, 12), 3, 12), 3),
        ["groups of 2 to 5"] = (new(new Shape(2, 9, 13, 6), 3, 2, 15, 2, 1, 1, 0, 2, 1, 2, 1), 3),
        ["groups of 9 to 12"] = (Conv2DGeometry.Create(new Shape(2, 5, 7, 18), 1, 24), 2),
        ["groups of 5 to 22"] = (new(new Shape(2, 7, 9, 10), 3, 3, 44, 2, 2, 1, 1, 0, 0, 1, 1), 2),
        ["groups of 20 to 3"] = (Conv2DGeometry.Same(new Shape(2, 4, 6, 40), 3, 6), 2),
        ["depthwise 7x7, 3 strips of a line"] = (Conv2DGeometry.Same(new Shape(1, 5, 61, 20), 7, 20), 20),
        ["depthwise, 49 channels"] = (Conv2DGeometry.Same(new Shape(2, 6, 16, 49), 5, 49), 49),
        ["depthwise, 2 for each, 36 channels"] = (Conv2DGeometry.Same(new Shape(1, 6, 15, 18), 3, 36), 18),
        ["groups of 4 to 4, 40 channels"] = (Conv2DGeometry.Same(new Shape(1, 5, 9, 40), 3, 40), 10),
        ["groups of 8 to 8, stride 2"] = (Conv2DGeometry.Create(new Shape(2, 9, 16, 48), 3, 48, stride: 2, padding: 1), 6),
        ["groups of 24 to 32"] = (Conv2DGeometry.Same(new Shape(1, 5, 8, 48), 3, 64), 2),
        ["groups of 1 to 17"] = (Conv2DGeometry.Same(new Shape(2, 4, 6, 2), 3, 34), 2),
    };

    private static readonly ConcurrentDictionary<string, Expected> s_expected = [];

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void All_directions_are_the_definition(string device, string name)
    {
        using var op = new OpHarness(device);
        (Conv2DGeometry g, int groups) = s_cases[name];
        Shape weightShape = GroupedConv2D.Weight(g, groups);
        float[] xValues = OpHarness.Random(g.X.Count, 1), weightValues = OpHarness.Random(weightShape.Count, 2);
        float[] biasValues = OpHarness.Random(g.OC, 3), dyValues = OpHarness.Random(g.Y.Count, 4);
        Expected expected = s_expected.GetOrAdd(name, _ => Reference(g, groups, xValues, weightValues, biasValues, dyValues));
        Tensor x = op.Input("x", g.X, xValues), weight = op.Input("weight", weightShape, weightValues), y = op.Output("y", g.Y);
        Tensor bias = op.Input("bias", Shape.Vector(g.OC), biasValues), dy = op.Input("dy", g.Y, dyValues);
        float[] plain = OpHarness.RunTwice(y, () => GroupedConv2D.Forward(x, weight, bias, y, g, groups));
        OpHarness.Close(expected.Plain, plain, Tolerance, "y");
        float[] rectified = OpHarness.RunTwice(y, () => GroupedConv2D.Forward(x, weight, null, y, g, groups, Activation.Relu));
        OpHarness.Close(expected.Rectified, rectified, Tolerance, "y with ReLU");

        Tensor dx = op.Output("dx", g.X), dWeight = op.Output("dWeight", weightShape);
        float[] data = OpHarness.RunTwice(dx, () => GroupedConv2D.BackwardData(dy, weight, dx, g, groups));
        OpHarness.Close(expected.Data, data, Tolerance, "dx");
        float[] gradient = OpHarness.RunTwice(dWeight, () => GroupedConv2D.BackwardWeight(x, dy, dWeight, g, groups));
        OpHarness.Close(expected.Weight, gradient, Tolerance, "dWeight");
    }

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void A_residual_an_activation_and_other_channels_beside_the_result_change_nothing_else(string device, string name)
    {
        const int Before = 3, Behind = 2;
        using var op = new OpHarness(device);
        (Conv2DGeometry g, int groups) = s_cases[name];
        Shape wide = g.Y.WithC(Before + g.OC + Behind), weightShape = GroupedConv2D.Weight(g, groups);
        Tensor x = op.Input("x", g.X, OpHarness.Random(g.X.Count, 1)), plain = op.Output("plain", g.Y), y = op.Output("y", wide);
        Tensor weight = op.Input("weight", weightShape, OpHarness.Random(weightShape.Count, 2));
        Tensor bias = op.Input("bias", Shape.Vector(g.OC), OpHarness.Random(g.OC, 3));
        float[] other = OpHarness.Random(g.Y.Count, 4);
        Tensor residual = op.Input("residual", g.Y, other);
        GroupedConv2D.Forward(x, weight, bias, plain, g, groups);
        float[] sums = plain.ToArray();
        foreach ((UnaryFunction f, float alpha, float beta) in ((UnaryFunction, float, float)[])
            [(UnaryFunction.LeakyRelu, 0, 0), (UnaryFunction.Clip, 0, 0.5f), (UnaryFunction.Swish, 0, 0), (UnaryFunction.Affine, 1, 0)])
        {
            // The first is ReLU by another name, the last is none.
            Activation activation = f switch
            {
                UnaryFunction.LeakyRelu => Activation.Relu,
                UnaryFunction.Affine => Activation.None,
                _ => Activation.Of(f, alpha, beta),
            };
            foreach (bool adds in new[] { false, true })
            {
                float[] got = OpHarness.RunTwice(
                    y, () => GroupedConv2D.Forward(x, weight, bias, y, g, groups, activation, adds ? residual : null, Before));
                double[] expected =
                [
                    .. sums.Select((sum, i) => UnaryReference.Value(f, sum + (adds ? (double)other[i] : 0), alpha, beta)),
                ];
                float[][] pixels = [.. got.Chunk(wide.C)];
                OpHarness.Close(expected, [.. pixels.SelectMany(pixel => pixel[Before..^Behind])], Tolerance, $"{activation}, {adds}");
                Assert.All(pixels, pixel => Assert.All(pixel[..Before].Concat(pixel[^Behind..]), v => Assert.True(float.IsNaN(v))));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        (Conv2DGeometry g, int groups) = s_cases["groups of 2 to 5"];
        g = g with { X = new Shape(1, 4, 5, 6) };
        Shape weightShape = GroupedConv2D.Weight(g, groups);
        float[] xValues = OpHarness.Random(g.X.Count, 1), weightValues = OpHarness.Random(weightShape.Count, 2);
        float[] direction = OpHarness.Random(g.Y.Count, 3);
        Tensor x = op.Input("x", g.X, xValues), weight = op.Input("weight", weightShape, weightValues), y = op.Output("y", g.Y);
        Tensor dy = op.Input("dy", g.Y, direction), dx = op.Output("dx", g.X), dWeight = op.Output("dWeight", weightShape);
        GroupedConv2D.BackwardData(dy, weight, dx, g, groups);
        GroupedConv2D.BackwardWeight(x, dy, dWeight, g, groups);
        Check(x, xValues, dx);
        Check(weight, weightValues, dWeight);

        void Check(Tensor input, float[] values, Tensor gradient)
        {
            OpHarness.CloseToFiniteDifferences(values, Forward, direction, gradient.ToArray());
            input.CopyFrom(values);

            float[] Forward(float[] changed)
            {
                input.CopyFrom(changed);
                GroupedConv2D.Forward(x, weight, null, y, g, groups);
                return y.ToArray();
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void ReLU_does_not_hide_a_NaN(string device)
    {
        using var op = new OpHarness(device);
        var g = Conv2DGeometry.Create(new Shape(1, 1, 9, 4), 1, 4);
        float[] values = OpHarness.Random(g.X.Count, 1, -2, -1);
        values[5] = values[^1] = float.NaN;
        Tensor x = op.Input("x", g.X, values), weight = op.Input("weight", new Shape(1, 1, 1, 4), [1, 1, 1, 1]), y = op.Output("y", g.Y);
        GroupedConv2D.Forward(x, weight, null, y, g, 4, Activation.Relu);
        Assert.Equal(values.Select(v => float.IsNaN(v) ? v : 0), y.ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var op = new OpHarness("plain");
        (Conv2DGeometry g, int groups) = s_cases["groups of 2 to 5"];
        Tensor x = op.Output("x", g.X), y = op.Output("y", g.Y), bias = op.Output("bias", Shape.Vector(g.OC));
        Tensor weight = op.Output("weight", GroupedConv2D.Weight(g, groups)), dense = op.Output("dense", g.Weight);
        Error(() => GroupedConv2D.Forward(y, weight, bias, y, g, groups), "y");
        Error(() => GroupedConv2D.Forward(x, dense, bias, y, g, groups), "dense");
        Error(() => GroupedConv2D.Forward(x, weight, x, y, g, groups), "x");
        Error(() => GroupedConv2D.Forward(x, weight, bias, x, g, groups), "x");
        Error(() => GroupedConv2D.BackwardData(x, weight, x, g, groups), "x");
        Error(() => GroupedConv2D.BackwardData(y, dense, x, g, groups), "dense");
        Error(() => GroupedConv2D.BackwardData(y, weight, y, g, groups), "y");
        Error(() => GroupedConv2D.BackwardWeight(y, y, weight, g, groups), "y");
        Error(() => GroupedConv2D.BackwardWeight(x, x, weight, g, groups), "x");
        Error(() => GroupedConv2D.BackwardWeight(x, y, dense, g, groups), "dense");
        foreach (int wrong in new[] { 0, -1, 2, 5, 6 })
        {
            Assert.EndsWith(
                $" in {wrong} groups: the number of groups must divide both the 6 input and the 15 output channels",
                Assert.Throws<GpuCamException>(() => GroupedConv2D.Forward(x, weight, bias, y, g, wrong)).Message,
                StringComparison.Ordinal);
        }

        static void Error(Action act, string tensor) =>
            Assert.StartsWith($"tensor '{tensor}' is ", Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);
    }

    /// <summary>The same for every device, and most of the work: the convolution of one group has as many times more products.</summary>
    private static Expected Reference(Conv2DGeometry g, int groups, float[] x, float[] weight, float[] bias, float[] dy)
    {
        float[] dense = new float[g.Weight.Count];
        int[] places = Places(g, groups);
        for (int i = 0; i < places.Length; i++)
        {
            dense[places[i]] = weight[i];
        }

        double[] dWeight = Conv2DCases.BackwardWeight(g, x, dy);
        return new Expected(
            Conv2DCases.Forward(g, x, dense, bias, false), Conv2DCases.Forward(g, x, dense, null, true),
            Conv2DCases.BackwardData(g, dy, dense), [.. places.Select(place => dWeight[place])]);
    }

    /// <summary>Where each weight stands in the weight of one group.</summary>
    private static int[] Places(Conv2DGeometry g, int groups)
    {
        int depth = g.X.C / groups, width = g.OC / groups;
        return
        [
            .. Enumerable.Range(0, g.KH * g.KW * depth * g.OC).Select(i =>
            {
                int oc = i % g.OC, ic = (oc / width * depth) + (i / g.OC % depth), tap = i / g.OC / depth;
                return (((tap * g.X.C) + ic) * g.OC) + oc;
            }),
        ];
    }

    private sealed record Expected(double[] Plain, double[] Rectified, double[] Data, double[] Weight);
}
