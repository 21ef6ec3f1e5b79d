using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class SoftmaxCrossEntropyTests
{
    private const int Batch = 5;
    private const int Classes = 7;
    private static readonly int[] s_labels = [6, 0, 3, 3, 1];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Loss_is_minus_the_logarithm_of_the_labels_probability(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(Batch * Classes, 1, -5, 5);
        double[] p = SoftmaxTests.Reference(logits, Classes);
        double[] expected = [.. s_labels.Select((label, n) => -Math.Log(p[(n * Classes) + label]))];
        OpHarness.Close(expected, Repeat.SameBits(() => Run(op, Classes, logits, s_labels).Losses), 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Gradient_is_that_of_the_batch_mean(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(Batch * Classes, 2);
        double[] expected = SoftmaxTests.Reference(logits, Classes);
        for (int n = 0; n < Batch; n++)
        {
            expected[(n * Classes) + s_labels[n]] -= 1;
        }

        float[] gradient = Repeat.SameBits(() => Run(op, Classes, logits, s_labels).DLogits);
        OpHarness.Close([.. expected.Select(v => v / Batch)], gradient, 1e-7);

        float[] mean = [.. Enumerable.Repeat(1f / Batch, Batch)];
        OpHarness.CloseToFiniteDifferences(logits, v => Run(op, Classes, v, s_labels).Losses, mean, gradient, 1e-4);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Extreme_logits_give_exact_finite_losses(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = [1e4f, -1e4f, 0, 1e4f, -1e4f, 0, -1e4f, -1e4f, -1e4f];
        (float[] losses, float[] gradient) = Run(op, 3, logits, [0, 1, 2]);
        OpHarness.Close([0, 2e4, Math.Log(3)], losses, 1e-7 / 2e4 * 10);
        OpHarness.Close([0, 0, 0, 1 / 3.0, -1 / 3.0, 0, 1 / 9.0, 1 / 9.0, -2 / 9.0], gradient, 1e-7);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_label_out_of_range_makes_its_own_row_NaN_and_no_other(string device)
    {
        using var op = new OpHarness(device);
        float[] logits = OpHarness.Random(4 * 3, 3);
        (float[] losses, float[] gradient) = Run(op, 3, logits, [2, 3, -1, int.MaxValue]);
        (float[] good, float[] goodGradient) = Run(op, 3, logits, [2, 0, 0, 0]);
        Assert.Equal([good[0], float.NaN, float.NaN, float.NaN], losses);
        Assert.Equal(goodGradient[..3], gradient[..3]);
        Assert.All(gradient[3..], v => Assert.True(float.IsNaN(v)));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_logit_is_not_hidden(string device)
    {
        using var op = new OpHarness(device);
        (float[] losses, float[] _) = Run(op, 3, [0, float.NaN, 1, float.NaN, 1, 2, 1, 2, float.NaN], [0, 1, 2]);
        Assert.All(losses, v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void Wrong_shapes_and_missing_labels_are_named()
    {
        using var op = new OpHarness("plain");
        Tensor logits = op.Output("logits", Shape.Matrix(3, 2));
        Tensor losses = op.Output("losses", Shape.Matrix(3, 1));
        Tensor dLogits = op.Output("dLogits", Shape.Matrix(3, 2));
        DeviceBuffer<int> labels = op.Integers(0, 1);
        ArgumentException error = Assert.Throws<ArgumentException>(() => SoftmaxCrossEntropy.Forward(logits, labels, losses, dLogits, 2));
        Assert.Equal("buffer 'labels' holds 2 elements, expected 3, one per row of 'logits'", error.Message);
        error = Assert.Throws<ArgumentException>(
            () => SoftmaxCrossEntropy.Forward(logits, labels, op.Output("losses", Shape.Vector(3)), dLogits, 2));
        Assert.Equal("tensor 'losses' is 1x1x1x3, expected 3x1x1x1", error.Message);
    }

    private static (float[] Losses, float[] DLogits) Run(OpHarness op, int classes, float[] logits, int[] labels)
    {
        Tensor losses = op.Output("losses", Shape.Matrix(labels.Length, 1));
        Tensor dLogits = op.Output("dLogits", Shape.Matrix(labels.Length, classes));
        SoftmaxCrossEntropy.Forward(op.Input("logits", dLogits.Shape, logits), op.Integers(labels), losses, dLogits, dLogits.Shape.N);
        return (losses.ToArray(), dLogits.ToArray());
    }
}
