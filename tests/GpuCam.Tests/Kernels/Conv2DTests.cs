using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class Conv2DTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [MemberData(nameof(Conv2DCases.OnAllDevices), MemberType = typeof(Conv2DCases))]
    public void Forward_is_the_definition(string device, string name)
    {
        using var conv = new Setup(device, name);
        Conv2D.Forward(conv.X, conv.Weight, conv.Bias, conv.Y, conv.G);
        OpHarness.Close(Conv2DCases.Forward(conv.G, conv.XValues, conv.WeightValues, conv.BiasValues, false), conv.Y.ToArray(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Conv2DCases.OnAllDevices), MemberType = typeof(Conv2DCases))]
    public void Forward_without_bias_and_with_ReLU_is_the_definition(string device, string name)
    {
        using var conv = new Setup(device, name);
        float[] y = OpHarness.RunTwice(conv.Y, () => Conv2D.Forward(conv.X, conv.Weight, null, conv.Y, conv.G, Activation.Relu));
        OpHarness.Close(Conv2DCases.Forward(conv.G, conv.XValues, conv.WeightValues, null, true), y, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Conv2DCases.OnAllDevices), MemberType = typeof(Conv2DCases))]
    public void Backward_is_the_definition(string device, string name)
    {
        using var conv = new Setup(device, name);
        float[] dx = OpHarness.RunTwice(conv.DX, () => Conv2D.BackwardData(conv.DY, conv.Weight, conv.DX, conv.G));
        OpHarness.Close(Conv2DCases.BackwardData(conv.G, conv.DYValues, conv.WeightValues), dx, Tolerance, "dx");
        float[] dBias = OpHarness.RunTwice(conv.DBias, () => Conv2D.BackwardBias(conv.DY, conv.DBias));
        OpHarness.Close(Conv2DCases.BackwardBias(conv.G, conv.DYValues), dBias, Tolerance, "dBias");
        double[] expected = Conv2DCases.BackwardWeight(conv.G, conv.XValues, conv.DYValues);
        float[] dWeight = OpHarness.RunTwice(conv.DWeight, () => Conv2D.BackwardWeight(conv.X, conv.DY, conv.DWeight, conv.G));
        OpHarness.Close(expected, dWeight, Tolerance, "dWeight");
        dWeight = OpHarness.RunTwice(conv.DWeight, () => Conv2D.BackwardWeight(conv.X, conv.DY, conv.DWeight, conv.G, imagesPerLaunch: 1));
        OpHarness.Close(expected, dWeight, Tolerance, "dWeight, image by image");
    }

    [Theory]
    [MemberData(nameof(Conv2DCases.OnAllDevices), MemberType = typeof(Conv2DCases))]
    public void Backward_is_the_transpose_of_forward(string device, string name)
    {
        using var conv = new Setup(device, name);
        Conv2D.Forward(conv.X, conv.Weight, null, conv.Y, conv.G);
        Conv2D.BackwardData(conv.DY, conv.Weight, conv.DX, conv.G);
        Conv2D.BackwardWeight(conv.X, conv.DY, conv.DWeight, conv.G);
        double product = OpHarness.Dot(conv.Y.ToArray(), conv.DYValues);
        double tolerance = 1e-5 * conv.G.Y.Count;
        Assert.InRange(OpHarness.Dot(conv.XValues, conv.DX.ToArray()), product - tolerance, product + tolerance);
        Assert.InRange(OpHarness.Dot(conv.WeightValues, conv.DWeight.ToArray()), product - tolerance, product + tolerance);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var conv = new Setup(device, "small and unequal");
        Conv2D.BackwardData(conv.DY, conv.Weight, conv.DX, conv.G);
        Conv2D.BackwardWeight(conv.X, conv.DY, conv.DWeight, conv.G);
        Conv2D.BackwardBias(conv.DY, conv.DBias);
        Check(conv.X, conv.XValues, conv.DX);
        Check(conv.Weight, conv.WeightValues, conv.DWeight);
        Check(conv.Bias, conv.BiasValues, conv.DBias);

        void Check(Tensor input, float[] values, Tensor gradient)
        {
            OpHarness.CloseToFiniteDifferences(values, Forward, conv.DYValues, gradient.ToArray());
            input.CopyFrom(values);

            float[] Forward(float[] changed)
            {
                input.CopyFrom(changed);
                Conv2D.Forward(conv.X, conv.Weight, conv.Bias, conv.Y, conv.G);
                return conv.Y.ToArray();
            }
        }
    }

    [Fact]
    public void The_kernel_is_not_flipped()
    {
        using var op = new OpHarness("plain");
        var g = new Conv2DGeometry(new Shape(1, 1, 3, 1), 1, 2, 1, 1, 1, 0, 0, 0, 0, 1, 1);
        Tensor y = op.Output("y", g.Y);
        Conv2D.Forward(op.Input("x", g.X, [1, 2, 3]), op.Input("weight", g.Weight, [10, 1]), null, y, g);
        Assert.Equal([12f, 23f], y.ToArray());
    }

    [Fact]
    public void ReLU_does_not_hide_a_NaN()
    {
        using var op = new OpHarness("plain");
        var g = Conv2DGeometry.Create(new Shape(1, 1, 2, 1), 1, 1);
        Tensor y = op.Output("y", g.Y);
        Conv2D.Forward(op.Input("x", g.X, [float.NaN, -1]), op.Input("weight", g.Weight, [1]), null, y, g, Activation.Relu);
        Assert.Equal([float.NaN, 0f], y.ToArray());
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var conv = new Setup("plain", "all unequal");
        Error(() => Conv2D.Forward(conv.X, conv.Weight, conv.Bias, conv.DX, conv.G), "dx");
        Error(() => Conv2D.Forward(conv.Y, conv.Weight, conv.Bias, conv.Y, conv.G), "y");
        Error(() => Conv2D.Forward(conv.X, conv.Bias, conv.Bias, conv.Y, conv.G), "bias");
        Error(() => Conv2D.Forward(conv.X, conv.Weight, conv.Weight, conv.Y, conv.G), "weight");
        Error(() => Conv2D.BackwardData(conv.X, conv.Weight, conv.DX, conv.G), "x");
        Error(() => Conv2D.BackwardData(conv.DY, conv.Weight, conv.DY, conv.G), "dy");
        Error(() => Conv2D.BackwardWeight(conv.X, conv.DY, conv.DBias, conv.G), "dBias");
        Error(() => Conv2D.BackwardBias(conv.DY, conv.DWeight), "dWeight");

        static void Error(Action act, string tensor) =>
            Assert.StartsWith($"tensor '{tensor}' is ", Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);
    }

    /// <summary>The tensors of one case: random inputs and gradients, outputs full of NaN.</summary>
    private sealed class Setup : IDisposable
    {
        private readonly OpHarness _op;

        public Setup(string device, string name)
        {
            _op = new OpHarness(device);
            G = Conv2DCases.Get(name);
            X = _op.Input("x", G.X, XValues = OpHarness.Random(G.X.Count, 1));
            Weight = _op.Input("weight", G.Weight, WeightValues = OpHarness.Random(G.Weight.Count, 2));
            Bias = _op.Input("bias", Shape.Vector(G.OC), BiasValues = OpHarness.Random(G.OC, 3));
            DY = _op.Input("dy", G.Y, DYValues = OpHarness.Random(G.Y.Count, 4));
            Y = _op.Output("y", G.Y);
            DX = _op.Output("dx", G.X);
            DWeight = _op.Output("dWeight", G.Weight);
            DBias = _op.Output("dBias", Shape.Vector(G.OC));
        }

        public Conv2DGeometry G { get; }

        public float[] XValues { get; }

        public float[] WeightValues { get; }

        public float[] BiasValues { get; }

        public float[] DYValues { get; }

        public Tensor X { get; }

        public Tensor Weight { get; }

        public Tensor Bias { get; }

        public Tensor Y { get; }

        public Tensor DY { get; }

        public Tensor DX { get; }

        public Tensor DWeight { get; }

        public Tensor DBias { get; }

        public void Dispose() => _op.Dispose();
    }
}
