using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// Reductions by groups of several sizes against the plain kernels, which have references of their own. (On
/// <c>groups-of-1</c> and <c>ilgpu-groups-of-1</c> each op's own tests run the group kernels.)
/// </summary>
public class GroupReductionTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Softmax_and_its_loss(string device, int groupSize)
    {
        var shape = Shape.Matrix(3, 43);
        float[] values = OpHarness.Random(shape.Count, 1, -9, 9);
        Same(device, groupSize, 1e-6, (op, result) =>
        {
            Tensor logits = op.Input("logits", shape, values), probabilities = op.Output("probabilities", shape);
            Tensor losses = op.Output("losses", Shape.Matrix(3, 1)), dLogits = op.Output("dLogits", shape), dx = op.Output("dx", shape);
            Softmax.Forward(logits, probabilities);
            Softmax.Backward(probabilities, logits, dx);
            SoftmaxCrossEntropy.Forward(logits, op.Integers(42, -1, 0), losses, dLogits, 3);
            SoftmaxCrossEntropy.Forward(logits, op.Integers(42, 43, 0), losses, logits, 3);
            Assert.Equal(dLogits.ToArray(), logits.ToArray());
            result.AddRange([probabilities, dx, losses, dLogits]);
        });
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Averages_and_bias_gradients(string device, int groupSize)
    {
        var shape = new Shape(3, 7, 5, 37);
        Same(device, groupSize, 1e-6, (op, result) =>
        {
            Tensor x = op.Input("x", shape, OpHarness.Random(shape.Count, 1)), average = op.Output("average", Shape.Matrix(3, 37));
            GlobalAveragePool.Forward(x, average, gain: 3);
            Tensor dBias = op.Output("dBias", Shape.Vector(37)), linear = op.Output("linear", Shape.Vector(37));
            Conv2D.BackwardBias(x, dBias);
            Linear.BackwardBias(average, linear);
            result.AddRange([average, dBias, linear]);
        });
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Sums_of_few_columns_in_many_rows(string device, int groupSize)
    {
        foreach (int columns in new[] { 1, 9, 33 })
        {
            var shape = new Shape(5, 11, 7, columns);
            Same(device, groupSize, 1e-6, (op, result) =>
            {
                Tensor x = op.Input("x", shape, OpHarness.Random(shape.Count, 1)), dBias = op.Output("dBias", Shape.Vector(columns));
                Tensor average = op.Output("average", Shape.Matrix(1, columns));
                Conv2D.BackwardBias(x, dBias);
                GlobalAveragePool.Forward(x.Reshape(new Shape(1, 55, 7, columns)), average);
                result.AddRange([dBias, average]);
            });
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Statistics_of_a_batch_and_the_gradient_of_its_scale(string device, int groupSize)
    {
        foreach (int columns in new[] { 1, 9, 37 })
        {
            Shape shape = new(5, 7, 11, columns), channels = Shape.Vector(columns);
            Same(device, groupSize, 1e-6, (op, result) =>
            {
                Tensor x = op.Input("x", shape, OpHarness.Random(shape.Count, 1, -1, 2)), mean = op.Output("mean", channels);
                Tensor variance = op.Output("variance", channels), dBias = op.Output("dBias", channels);
                Tensor dScale = op.Output("dScale", channels);
                BatchStatistics.Forward(x, mean, variance);
                BatchNormalization.BackwardParameters(
                    x, op.Input("dy", shape, OpHarness.Random(shape.Count, 2)), mean, variance, 1e-3f, dScale, dBias);
                result.AddRange([mean, variance, dScale, dBias]);
            });
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Pooled_gradients_and_the_bias_before_them(string device, int groupSize)
    {
        foreach (Shape shape in new[] { new Shape(3, 7, 10, 36), new Shape(2, 6, 5, 4), new Shape(2, 4, 7, 37) })
        {
            var g = Pool2DGeometry.Square(shape, 2, 2, 0);
            Same(device, groupSize, 1e-6, (op, result) =>
            {
                Tensor x = op.Input("x", shape, OpHarness.Random(shape.Count, 1, -1, 0.5f)), y = op.Output("y", g.Y);
                Tensor dy = op.Input("dy", g.Y, OpHarness.Random(g.Y.Count, 2)), dx = op.Output("dx", shape);
                Tensor dBias = op.Output("dBias", Shape.Vector(shape.C));
                DeviceBuffer<int> argmax = op.IntegerOutput("argmax", y.Count);
                MaxPool2D.Forward(x, y, argmax, g);
                Relu.Forward(y, y);
                MaxPool2D.BackwardRelu(y, dy, argmax, dx, dBias, g);
                result.AddRange([dx, dBias]);
            });
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Products_of_few_elements_and_a_long_depth(string device, int groupSize)
    {
        foreach ((int batch, int inputs, int outputs) in new[] { (1, 77, 9), (38, 35, 33), (41, 70, 1) })
        {
            Shape x = Shape.Matrix(batch, inputs), y = Shape.Matrix(batch, outputs), weight = Shape.Matrix(inputs, outputs);
            Same(device, groupSize, 2e-6, (op, result) =>
            {
                Tensor from = op.Input("x", x, OpHarness.Random(x.Count, 1)), to = op.Output("y", y);
                Tensor w = op.Input("weight", weight, OpHarness.Random(weight.Count, 2));
                Tensor bias = op.Input("bias", Shape.Vector(outputs), OpHarness.Random(outputs, 3));
                Tensor dy = op.Input("dy", y, OpHarness.Random(y.Count, 4));
                Tensor dx = op.Output("dx", x), dWeight = op.Output("dWeight", weight);
                Linear.Forward(from, w, bias, to);
                Linear.BackwardData(dy, w, dx);
                Linear.BackwardWeight(from, dy, dWeight);
                result.AddRange([to, dx, dWeight]);
            });
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Maxima_with_ties_and_NaN(string device, int groupSize)
    {
        var shape = new Shape(2, 3, 7, 35);
        float[] values = [.. OpHarness.Random(shape.Count, 1).Select(v => MathF.Round(v * 3) / 3)];
        foreach (int place in new[] { 0, 35 * 11, 35 * 20, (35 * 21) + 3 })
        {
            values[place] = float.NaN;
        }

        for (int pixel = 0; pixel < shape.Area; pixel++)
        {
            values[(pixel * 35) + 1] = float.NegativeInfinity;
        }

        Same(device, groupSize, 0, (op, result) =>
        {
            Tensor y = op.Output("y", Shape.Matrix(2, 35)), winners = op.Output("winners", y.Shape);
            DeviceBuffer<int> argmax = op.IntegerOutput("argmax", y.Count);
            GlobalMaxPool.Forward(op.Input("x", shape, values), y, argmax);
            winners.CopyFrom([.. argmax.ToArray()[..y.Count].Select(i => (float)i)]);
            result.AddRange([y, winners]);
        });
    }

    [Theory]
    [MemberData(nameof(TestDevices.Groups), MemberType = typeof(TestDevices))]
    public void Maps_stretched_to_0_and_1(string device, int groupSize)
    {
        var shape = new Shape(5, 3, 15, 1);
        float[] values = OpHarness.Random(shape.Count, 1, -5, 2);
        Array.Fill(values, 3, 0, 45); // constant
        values[45 + 7] = float.NaN;
        values[90 + 44] = float.PositiveInfinity;
        (values[135], values[136]) = (float.MaxValue, -float.MaxValue);
        Same(device, groupSize, 0, (op, result) =>
        {
            Tensor x = op.Input("x", shape, values), y = op.Output("y", shape);
            MinMaxNormalize.Forward(x, y);
            MinMaxNormalize.Forward(x, x);
            result.AddRange([y, x]);
        });
    }

    /// <summary>Runs the ops on plain kernels and twice by groups, whose results must have the same bits.</summary>
    private static void Same(string device, int groupSize, double tolerance, Action<OpHarness, List<Tensor>> ops)
    {
        float[] expected = Run(new OpHarness("plain"));
        float[] actual = Repeat.SameBits(() => Run(new OpHarness(TestDevices.WithGroups(device, new LaunchRow(groupSize, Splits: 4)))));
        Assert.Equal(expected.Select(float.IsNaN), actual.Select(float.IsNaN));
        Assert.Equal(expected.Where(float.IsInfinity), actual.Where(float.IsInfinity));
        OpHarness.Close([.. expected.Where(float.IsFinite).Select(v => (double)v)], [.. actual.Where(float.IsFinite)], tolerance);

        float[] Run(OpHarness op)
        {
            using OpHarness harness = op;
            var results = new List<Tensor>();
            ops(harness, results);
            return [.. results.SelectMany(tensor => tensor.ToArray())];
        }
    }
}
