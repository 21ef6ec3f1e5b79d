using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class LinearHeadTests
{
    private const int Channels = 6;
    private static readonly string[] s_classes = ["a", "b", "c"];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void What_it_learns_on_standardised_features_is_folded_into_weights_for_raw_ones(string device)
    {
        using var op = new OpHarness(device);
        // Small features far from zero, and one channel that never changes.
        float[] features = OpHarness.Random(40 * Channels, 3, 0.01f, 0.02f);
        for (int n = 0; n < 40; n++)
        {
            features[(n * Channels) + 2] = 0.5f;
        }

        using var head = new LinearHead(op.Device, features, Channels, s_classes, seed: 9);
        using Execution network = Target(op.Device);
        head.CopyTo(network);

        float[] initial = HeInitialization.Weights("classifier.weight", Shape.Matrix(Channels, 3), 9);
        double[] expected = new double[40 * 3];
        for (int k = 0; k < Channels; k++)
        {
            double[] column = [.. Enumerable.Range(0, 40).Select(n => (double)features[(n * Channels) + k])];
            double mean = column.Average(), deviation = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] += k == 2 ? 0 : (column[i / 3] - mean) / deviation * initial[(k * 3) + (i % 3)];
            }
        }

        float[] logits = network.ForwardFrom("gap", op.Input("features", Shape.Matrix(40, Channels), features)).ToArray();
        OpHarness.Close(expected, logits, 1e-4, "logit");
        float[] weight = network.Parameters.Single(p => p.Name == "classifier.weight").Value.ToArray();
        Assert.Equal([0, 0, 0], weight[6..9]);
    }

    [Fact]
    public void It_learns_what_one_channel_tells()
    {
        using var op = new OpHarness("plain");
        int[] labels = [.. Enumerable.Range(0, 60).Select(n => n % 3)];
        float[] features = OpHarness.Random(60 * Channels, 4, 0, 1e-3f);
        for (int n = 0; n < 60; n++)
        {
            features[(n * Channels) + labels[n]] += 2e-3f;
        }

        using var head = new LinearHead(op.Device, features, Channels, s_classes, seed: 1);
        double first = head.Step(features, labels, 0.05f).Loss;
        for (int step = 0; step < 60; step++)
        {
            head.Step(features, labels, 0.05f);
        }

        StepResult last = head.Step(features, labels, 0.05f);
        Assert.True(last.Loss < first / 5, $"{first} to {last.Loss}");
        Assert.Equal(1, last.Accuracy);
    }

    [Fact]
    public void It_fits_only_a_network_that_ends_in_such_a_layer()
    {
        using var op = new OpHarness("plain");
        using var head = new LinearHead(op.Device, new float[Channels * 2], Channels, s_classes, seed: 1);
        using Execution plain = LeNetGap.Create(op.Device, TinyProblem.Config with { ClassifierBias = false }, 1);
        Assert.Throws<ArgumentException>(() => head.CopyTo(plain));
        using Execution wider = LeNetGap.Create(op.Device, TinyProblem.Config with { Widths = [4, 7] }, 1);
        Assert.Throws<ArgumentException>(() => head.CopyTo(wider));
    }

    private static Execution Target(IDevice device) => LeNetGap.Create(device, TinyProblem.Config with { ClassNames = s_classes }, 1);
}
