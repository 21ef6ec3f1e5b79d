using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>Training normalises by the statistics of its batch and drops out; nothing else does.</summary>
public class TrainingModeTests
{
    private const int Images = 6;

    [Theory]
    [InlineData("plain")]
    [InlineData("simd-256")]
    public void Every_trained_parameter_has_the_gradient_of_its_slope(string device)
    {
        using var op = new OpHarness(device);
        using Execution execution = TrainedKinds.Create(op.Device);
        execution.Training = true;
        Tensor images = Pictures(op), logits = execution.Forward(images);
        float[] weights = OpHarness.Random(logits.Count, 9);
        execution.Backward(op.Input("dLogits", logits.Shape, weights));
        foreach (Parameter parameter in execution.Parameters)
        {
            float[] at = parameter.Value.ToArray(), gradient = parameter.Gradient.ToArray(), direction = OpHarness.Random(at.Length, 11);
            const float H = 5e-4f;
            double slope = (Value(H) - Value(-H)) / (2 * H), expected = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
            double scale = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(Math.Abs(slope - expected) <= (2e-2 * scale) + 5e-3, $"{parameter.Name}: {slope} and {expected}");
            parameter.Value.CopyFrom(at);

            double Value(float step)
            {
                parameter.Value.CopyFrom([.. at.Zip(direction, (v, d) => v + (step * d))]);
                return execution.Forward(images).ToArray().Zip(weights, (v, w) => (double)v * w).Sum();
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Steps_in_training_compute_what_their_nodes_do(string device)
    {
        using var op = new OpHarness(device);
        using var plain = new OpHarness("plain");
        using Execution steps = TrainedKinds.Create(op.Device), nodes = TrainedKinds.Create(plain.Device);
        (steps.Training, nodes.Training) = (true, true);
        nodes.Forward(Pictures(plain));
        foreach (Value value in nodes.Graph.Values)
        {
            nodes.Activation(value.Name);
        }

        Tensor expected = nodes.Forward(Pictures(plain)), y = steps.Forward(Pictures(op));
        OpHarness.Close(Doubles(expected), y.ToArray(), 1e-4);
        float[] dy = OpHarness.Random(y.Count, 3);
        steps.Backward(op.Input("dy", y.Shape, dy), needInputGradient: true);
        nodes.Backward(plain.Input("dy", y.Shape, dy), needInputGradient: true);
        Assert.True(steps.Steps.Count < nodes.Steps.Count);
        Assert.Equal(nodes.Graph.Nodes.Count, nodes.Steps.Count);
        OpHarness.Close(
            Doubles(nodes.ActivationGradient(GraphLayers.Image)), steps.ActivationGradient(GraphLayers.Image).ToArray(), 1e-4);
        foreach ((Parameter own, Parameter other) in steps.Parameters.Zip(nodes.Parameters))
        {
            OpHarness.Close(Doubles(other.Gradient), own.Gradient.ToArray(), 1e-4, own.Name);
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("simd-256")]
    public void A_layer_in_training_has_mean_0_and_deviation_1_and_moves_its_running_statistics(string device)
    {
        using var op = new OpHarness(device);
        using Execution execution = TrainedKinds.Create(op.Device);
        execution.Training = true;
        execution.Forward(Pictures(op));
        float[] x = execution.Activation("stem").ToArray(), y = execution.Activation("bn").ToArray();
        execution.State.UpdateStatistics();
        float[] mean = Of("bn.mean"), variance = Of("bn.variance");
        for (int c = 0; c < 6; c++)
        {
            double[] before = [.. x.Where((_, i) => i % 6 == c).Select(v => (double)v)];
            double[] after = [.. y.Where((_, i) => i % 6 == c).Select(v => (double)v)];
            double centre = before.Average(), spread = before.Sum(v => Math.Pow(v - centre, 2));
            Assert.InRange(after.Average(), -1e-5, 1e-5);
            Assert.InRange(after.Average(v => v * v), 0.99, 1.0001);
            Assert.InRange(mean[c] - (0.1 * centre), -1e-6, 1e-6);
            Assert.InRange(variance[c] - 0.9 - (0.1 * spread / (before.Length - 1)), -1e-6, 1e-6);
        }

        float[] Of(string name) => execution.Saved.Single(parameter => parameter.Name == name).Value.ToArray();
    }

    [Fact]
    public void Outside_of_training_an_image_is_what_it_is_alone()
    {
        using var op = new OpHarness("simd-256");
        using Execution execution = TrainedKinds.Create(op.Device);
        Step(execution);
        Assert.False(execution.Training);
        float[] all = execution.Forward(Pictures(op)).ToArray(), alone = execution.Forward(Pictures(op, 1)).ToArray();
        OpHarness.Close(Array.ConvertAll(alone, v => (double)v), all[..alone.Length], 1e-5);
        Assert.True(execution.ImagesTogether < Images, "a batch goes through in slices, though training wanted gradients");
        Assert.Equal("gap", execution.Network.Tail is { } tail ? execution.Graph.Consumers(tail.Features)[0].Name : "");
    }

    [Fact]
    public void Masks_are_those_of_the_step()
    {
        using var op = new OpHarness("plain");
        using Execution execution = TrainedKinds.Create(op.Device, rate: 0.5f);
        float[][] dropped = [.. ((ulong Seed, int Step)[])[(1, 0), (1, 1), (2, 0), (1, 0)] is var draws ? draws.Select(Draw) : []];
        Assert.NotEqual(dropped[0], dropped[1]);
        Assert.NotEqual(dropped[0], dropped[2]);
        Assert.Equal(dropped[0], dropped[3]);
        execution.Training = false;
        execution.Forward(Pictures(op));
        Assert.Equal(execution.Activation("gap").ToArray(), execution.Activation("dropout").ToArray());

        float[] Draw((ulong Seed, int Step) masks)
        {
            execution.Training = true;
            execution.State.Masks = masks;
            execution.Forward(Pictures(op));
            return execution.Activation("dropout").ToArray();
        }
    }

    [Fact]
    public void What_was_asked_for_between_two_steps_changes_no_bit_of_them()
    {
        using var op = new OpHarness("simd-256");
        using Execution asked = TrainedKinds.Create(op.Device), quiet = TrainedKinds.Create(op.Device);
        (string[] before, Tensor pictures) = (Kinds(quiet), Pictures(op));
        Step(asked);
        Step(quiet);
        Tensor logits = asked.Forward(pictures);
        asked.Activation("block.sum");
        asked.BackwardTo("relu", op.Input("dLogits", logits.Shape, OpHarness.Random(logits.Count, 1)));
        Step(asked, first: 1);
        Step(quiet, first: 1);
        Assert.Equal(TrainedKinds.Saved(quiet), TrainedKinds.Saved(asked));
        Assert.Equal(before, Kinds(asked));

        static string[] Kinds(Execution execution)
        {
            execution.Training = true;
            string[] kinds = [.. execution.Steps.Select(step => step.Kind)];
            execution.Training = false;
            return kinds;
        }
    }

    [Fact]
    public void Passes_of_the_two_kinds_are_not_mixed_up()
    {
        using var op = new OpHarness("plain");
        using Execution execution = TrainedKinds.Create(op.Device);
        Tensor logits = execution.Forward(Pictures(op));
        execution.Training = true;
        Assert.Throws<InvalidOperationException>(() => execution.Activation("relu"));
        execution.Forward(Pictures(op));
        Assert.Throws<InvalidOperationException>(() => execution.BackwardTo("relu", logits));
        execution.Training = false;
        Assert.Throws<InvalidOperationException>(() => execution.Backward(logits));
    }

    internal static void Step(Execution execution, int first = 0)
    {
        using var optimizer = new SgdOptimizer(ParameterGroup.Of(execution), momentum: 0.9f, weightDecay: 1e-3f);
        using var trainer = new Trainer(execution, optimizer) { Seed = 3 };
        for (int i = first; i < first + 3; i++)
        {
            (float[] images, int[] labels) = TinyProblem.Batch(i * Images, Images);
            trainer.Step(images, labels, 0.05f);
        }
    }

    internal static Tensor Pictures(OpHarness op, int count = Images) => op.Input(
        "x", new Shape(count, TinyProblem.Size, TinyProblem.Size, 1), TinyProblem.Batch(0, count).Images);

    private static double[] Doubles(Tensor tensor) => Array.ConvertAll(tensor.ToArray(), v => (double)v);
}
