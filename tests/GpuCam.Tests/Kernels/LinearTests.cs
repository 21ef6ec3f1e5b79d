using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class LinearTests
{
    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int, int>();
            foreach (string device in TestDevices.All)
            {
                cases.Add(device, 3, 5, 7);
                cases.Add(device, 1, 1, 1);
                cases.Add(device, 2, 67, 11);
                cases.Add(device, 5, 64, 10);
                cases.Add(device, 6, 3, 17);
                cases.Add(device, 9, 33, 1);
                cases.Add(device, 4, 17, 33);
                cases.Add(device, 1, 21, 202);
                cases.Add(device, 6, 13, 75);
                cases.Add(device, 50, 9, 70);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_is_the_matrix_product_plus_bias(string device, int batch, int inputs, int outputs)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(batch * inputs, 1);
        float[] weight = OpHarness.Random(inputs * outputs, 2);
        float[] bias = OpHarness.Random(outputs, 3);
        double[] expected = Product(x, weight, bias, batch, inputs, outputs);
        OpHarness.Close(expected, Repeat.SameBits(() => Forward(op, x, weight, bias, batch, inputs, outputs)), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_may_end_in_an_activation(string device, int batch, int inputs, int outputs)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(batch * inputs, 1), bias = OpHarness.Random(outputs, 3);
        float[] weight = OpHarness.Random(inputs * outputs, 2);
        double[] expected = Product(x, weight, bias, batch, inputs, outputs);
        OpHarness.Close([.. expected.Select(v => Math.Max(0, v))], Forward(
            op, x, weight, bias, batch, inputs, outputs, Activation.Relu), 1e-5);
        OpHarness.Close([.. expected.Select(v => 1 / (1 + Math.Exp(-v)))], Forward(
            op, x, weight, bias, batch, inputs, outputs, Activation.Of(UnaryFunction.Sigmoid)), 1e-5);
        x[0] = float.NaN;
        Assert.Equal(outputs, Forward(op, x, weight, bias, batch, inputs, outputs, Activation.Relu).Count(float.IsNaN));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_without_bias_adds_nothing(string device, int batch, int inputs, int outputs)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(batch * inputs, 1);
        float[] weight = OpHarness.Random(inputs * outputs, 2);
        double[] expected = Product(x, weight, new float[outputs], batch, inputs, outputs);
        OpHarness.Close(expected, Forward(op, x, weight, null, batch, inputs, outputs), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_products_are_the_transposes(string device, int batch, int inputs, int outputs)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(batch * inputs, 1);
        float[] weight = OpHarness.Random(inputs * outputs, 2);
        float[] dy = OpHarness.Random(batch * outputs, 3);
        Gradients g = Backward(op, x, weight, dy, batch, inputs, outputs);

        double whole = OpHarness.Dot(Forward(op, x, weight, null, batch, inputs, outputs), dy);
        Assert.Equal(whole, OpHarness.Dot(x, g.Dx), 1e-4);
        Assert.Equal(whole, OpHarness.Dot(weight, g.DWeight), 1e-4);

        double[] dx = new double[batch * inputs];
        double[] dWeight = new double[inputs * outputs];
        double[] dBias = new double[outputs];
        for (int n = 0; n < batch; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double d = dy[(n * outputs) + o];
                dBias[o] += d;
                for (int i = 0; i < inputs; i++)
                {
                    dx[(n * inputs) + i] += d * weight[(i * outputs) + o];
                    dWeight[(i * outputs) + o] += d * x[(n * inputs) + i];
                }
            }
        }

        OpHarness.Close(dx, g.Dx, 1e-5, "dx");
        OpHarness.Close(dWeight, g.DWeight, 1e-5, "dWeight");
        OpHarness.Close(dBias, g.DBias, 1e-5, "dBias");
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(15, 1);
        float[] weight = OpHarness.Random(35, 2);
        float[] bias = OpHarness.Random(7, 3);
        float[] dy = OpHarness.Random(21, 4);
        Gradients g = Backward(op, x, weight, dy, 3, 5, 7);
        OpHarness.CloseToFiniteDifferences(x, v => Forward(op, v, weight, bias, 3, 5, 7), dy, g.Dx);
        OpHarness.CloseToFiniteDifferences(weight, v => Forward(op, x, v, bias, 3, 5, 7), dy, g.DWeight);
        OpHarness.CloseToFiniteDifferences(bias, v => Forward(op, x, weight, v, 3, 5, 7), dy, g.DBias);
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", Shape.Matrix(3, 6));
        Tensor weight = op.Output("weight", Shape.Matrix(5, 7));
        Tensor y = op.Output("y", Shape.Matrix(3, 7));
        Tensor bias = op.Output("bias", Shape.Vector(6));
        ArgumentException error = Assert.Throws<ArgumentException>(() => Linear.Forward(x, weight, null, y));
        Assert.Equal("tensor 'x' is 3x1x1x6, expected 3x1x1x5", error.Message);
        error = Assert.Throws<ArgumentException>(() => Linear.Forward(op.Output("x", Shape.Matrix(3, 5)), weight, bias, y));
        Assert.Equal("tensor 'bias' is 1x1x1x6, expected 1x1x1x7", error.Message);
        error = Assert.Throws<ArgumentException>(() => Linear.BackwardBias(y, bias));
        Assert.Contains("'bias'", error.Message, StringComparison.Ordinal);
    }

    private static double[] Product(float[] x, float[] weight, float[] bias, int batch, int inputs, int outputs)
    {
        double[] y = new double[batch * outputs];
        for (int n = 0; n < batch; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                y[(n * outputs) + o] = bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    y[(n * outputs) + o] += (double)x[(n * inputs) + i] * weight[(i * outputs) + o];
                }
            }
        }

        return y;
    }

    private static float[] Forward(
        OpHarness op, float[] x, float[] weight, float[]? bias, int batch, int inputs, int outputs, Activation activation = default)
    {
        Tensor y = op.Output("y", Shape.Matrix(batch, outputs));
        Linear.Forward(
            op.Input("x", Shape.Matrix(batch, inputs), x),
            op.Input("weight", Shape.Matrix(inputs, outputs), weight),
            bias is null ? null : op.Input("bias", Shape.Vector(outputs), bias),
            y, activation);
        return y.ToArray();
    }

    private static Gradients Backward(OpHarness op, float[] x, float[] weight, float[] dy, int batch, int inputs, int outputs)
    {
        Tensor dyTensor = op.Input("dy", Shape.Matrix(batch, outputs), dy);
        Tensor dx = op.Output("dx", Shape.Matrix(batch, inputs));
        Tensor dWeight = op.Output("dWeight", Shape.Matrix(inputs, outputs));
        Tensor dBias = op.Output("dBias", Shape.Vector(outputs));
        return new Gradients(
            Repeat.SameBits(() =>
            {
                Linear.BackwardData(dyTensor, op.Input("weight", Shape.Matrix(inputs, outputs), weight), dx);
                return dx.ToArray();
            }),
            Repeat.SameBits(() =>
            {
                Linear.BackwardWeight(op.Input("x", Shape.Matrix(batch, inputs), x), dyTensor, dWeight);
                return dWeight.ToArray();
            }),
            Repeat.SameBits(() =>
            {
                Linear.BackwardBias(dyTensor, dBias);
                return dBias.ToArray();
            }));
    }

    private sealed record Gradients(float[] Dx, float[] DWeight, float[] DBias);
}
