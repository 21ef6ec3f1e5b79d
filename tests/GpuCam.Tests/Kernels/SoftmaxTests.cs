using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class SoftmaxTests
{
    private static readonly Shape s_shape = Shape.Matrix(5, 7);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Forward_is_the_normalised_exponential(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(s_shape.Count, 1, -5, 5);
        OpHarness.Close(Reference(logits, 7), Repeat.SameBits(() => Forward(op, s_shape, logits)), 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Long_rows_are_the_same(string device)
    {
        using var op = new OpHarness(device);
        foreach (int classes in new[] { 64, 77, 1000 })
        {
            float[] logits = OpHarness.Random(3 * classes, 3, -90, 30);
            float[] got = Repeat.SameBits(() => Forward(op, Shape.Matrix(3, classes), logits));
            OpHarness.Close(Reference(logits, classes), got, 1e-6);
            logits[classes + 5] = float.NaN;
            got = Forward(op, Shape.Matrix(3, classes), logits);
            Assert.Equal(Enumerable.Range(0, got.Length).Select(i => i / classes == 1), got.Select(float.IsNaN));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_pixel_is_a_row_of_its_own(string device)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(2, 3, 5, 3);
        float[] logits = OpHarness.Random(shape.Count, 2, -5, 5);
        OpHarness.Close(Reference(logits, 3), Forward(op, shape, logits), 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Extreme_logits_overflow_nothing(string device)
    {
        using var op = new OpHarness(device);
        float[] probabilities = Forward(op, Shape.Matrix(4, 3), [1e4f, -1e4f, 0, -1e4f, -1e4f, -1e4f, 1e4f, 1e4f, -1e4f, 0, 0, 1e4f]);
        OpHarness.Close([1, 0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0.5, 0.5, 0, 0, 0, 1], probabilities, 1e-7);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_single_class_has_probability_one(string device)
    {
        using var op = new OpHarness(device);
        OpHarness.Close([1, 1, 1], Forward(op, Shape.Matrix(3, 1), [-1e4f, 0, 3]), 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void It_may_run_in_place(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(s_shape.Count, 3);
        Tensor tensor = op.Input("logits", s_shape, logits);
        Softmax.Forward(tensor, tensor);
        Assert.Equal(Forward(op, s_shape, logits), tensor.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_is_the_derivative(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(s_shape.Count, 4);
        float[] dy = OpHarness.Random(s_shape.Count, 5);
        float[] probabilities = Forward(op, s_shape, logits);
        float[] gradient = Repeat.SameBits(() =>
        {
            Tensor dx = op.Output("dx", s_shape);
            Softmax.Backward(op.Input("probabilities", s_shape, probabilities), op.Input("dy", s_shape, dy), dx);
            return dx.ToArray();
        });

        double[] p = Reference(logits, 7);
        double[] expected = new double[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            int row = i / 7 * 7;
            for (int j = row; j < row + 7; j++)
            {
                expected[i] += dy[j] * p[j] * ((i == j ? 1 : 0) - p[i]);
            }
        }

        OpHarness.Close(expected, gradient, 1e-6);
        OpHarness.CloseToFiniteDifferences(logits, v => Forward(op, s_shape, v), dy, gradient);
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor logits = op.Output("logits", s_shape);
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => Softmax.Forward(logits, op.Output("probabilities", Shape.Matrix(5, 6))));
        Assert.Equal("tensor 'probabilities' is 5x1x1x6, expected 5x1x1x7", error.Message);
    }

    internal static double[] Reference(float[] logits, int channels)
    {
        double[] result = new double[logits.Length];
        for (int start = 0; start < logits.Length; start += channels)
        {
            double max = logits.Skip(start).Take(channels).Max();
            double sum = logits.Skip(start).Take(channels).Sum(v => Math.Exp(v - max));
            for (int c = 0; c < channels; c++)
            {
                result[start + c] = Math.Exp(logits[start + c] - max) / sum;
            }
        }

        return result;
    }

    private static float[] Forward(OpHarness op, Shape shape, float[] logits)
    {
        Tensor probabilities = op.Output("probabilities", shape);
        Softmax.Forward(op.Input("logits", shape, logits), probabilities);
        return probabilities.ToArray();
    }
}
