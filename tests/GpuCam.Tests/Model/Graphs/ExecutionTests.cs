using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>What an execution promises, on a network with every kind of node.</summary>
public class ExecutionTests
{
    private static readonly float[] s_pixels = OpHarness.Random(ManyKinds.Images * ManyKinds.Image.Count, 5);

    public static TheoryData<string> Values => new(ManyKinds.Network().Graph.Values.Select(value => value.Name));

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_device_computes_every_value(string device)
    {
        using var op = new OpHarness(device);
        using var plain = new OpHarness("plain");
        using Execution execution = ManyKinds.Create(op.Device), reference = ManyKinds.Create(plain.Device);
        execution.Forward(Images(op));
        reference.Forward(Images(plain));
        foreach (Value value in execution.Graph.Values)
        {
            double[] expected = Array.ConvertAll(reference.Activation(value.Name).ToArray(), v => (double)v);
            OpHarness.Close(expected, execution.Activation(value.Name).ToArray(), 1e-4, value.Name);
        }
    }

    [Fact]
    public void A_batch_in_slices_gives_what_each_image_gives_and_its_values_are_there_afterwards()
    {
        using var op = new OpHarness("simd-256");
        using Execution execution = ManyKinds.Create(op.Device), alone = ManyKinds.Create(op.Device);
        const int Images = 9;
        Shape image = ManyKinds.Image.WithN(1);
        float[] pixels = OpHarness.Random(Images * image.Count, 6);
        Assert.True(execution.ImagesTogether < Images);
        float[] logits = execution.Forward(op.Input("images", image.WithN(Images), pixels)).ToArray();
        float[] pooled = execution.Activation("pool").ToArray();
        for (int i = 0; i < Images; i++)
        {
            float[] one = alone.Forward(op.Input("image", image, pixels[(i * image.Count)..((i + 1) * image.Count)])).ToArray();
            OpHarness.Close(
                Array.ConvertAll(one, v => (double)v), logits[(i * one.Length)..((i + 1) * one.Length)], 1e-5, $"logits of image {i}");
            float[] value = alone.Activation("pool").ToArray();
            OpHarness.Close(
                Array.ConvertAll(value, v => (double)v), pooled[(i * value.Length)..((i + 1) * value.Length)], 1e-5, $"pool of image {i}");
        }

        // Whoever asks for values has them kept by later passes, all images at once.
        Assert.Equal(int.MaxValue, execution.ImagesTogether);
    }

    /// <summary>Along a random direction, by a pass that starts at the value: residual branches start at the image.</summary>
    [Theory]
    [MemberData(nameof(Values))]
    public void The_gradient_of_a_value_is_the_slope_of_the_output(string name)
    {
        using var op = new OpHarness("plain");
        using Execution execution = ManyKinds.Create(op.Device);
        Tensor images = Images(op), logits = execution.Forward(images);
        float[] weights = OpHarness.Random(logits.Count, 9), at = execution.Activation(name).ToArray();
        Shape shape = execution.Activation(name).Shape;
        float[] gradient = execution.BackwardTo(name, op.Input("dLogits", logits.Shape, weights)).ToArray();
        float[] direction = OpHarness.Random(at.Length, 11);
        const float H = 2e-4f;
        double rounding = Rounding(logits.ToArray(), weights, H), slope = (Value(H) - Value(-H)) / (2 * H);
        double expected = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
        double scale = Math.Sqrt(gradient.Sum(g => (double)g * g));
        double tolerance = (2e-2 * scale) + rounding;
        Assert.InRange(slope, expected - tolerance, expected + tolerance);

        double Value(float step)
        {
            Tensor moved = op.Input("moved", shape, [.. at.Zip(direction, (v, d) => v + (step * d))]);
            bool alone = execution.IsBottleneck(name);
            float[] y = execution.ForwardFrom(name, moved, alone ? null : images).ToArray();
            return y.Zip(weights, (v, w) => (double)v * w).Sum();
        }
    }

    [Fact]
    public void What_is_asked_for_in_whatever_order_is_the_same()
    {
        using var op = new OpHarness("simd-256");
        using Execution one = ManyKinds.Create(op.Device), other = ManyKinds.Create(op.Device);
        Tensor images = Images(op);
        string[] names = [.. one.Graph.Nodes.Select(node => node.Name)];
        one.Forward(images);
        Dictionary<string, float[]> forward = names.ToDictionary(name => name, name => one.Activation(name).ToArray());
        other.Forward(images);
        float[] dLogits = OpHarness.Random(other.Activation("classifier").Count, 3);
        other.BackwardTo("pool", op.Input("dLogits", other.Activation("classifier").Shape, dLogits));
        foreach (string name in names.Reverse())
        {
            Assert.Equal(forward[name], other.Activation(name).ToArray());
        }

        other.Forward(images);
        Assert.All(names, name => Assert.Equal(forward[name], other.Activation(name).ToArray()));
    }

    [Fact]
    public void A_pass_uses_memory_again_when_nobody_needs_it()
    {
        using var op = new OpHarness("simd-256");
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, 8, 8, 3));
        for (int i = 0; i < 20; i++)
        {
            x = graph.MaxPool2D($"pool{i}", graph.Relu($"relu{i}", x), 1);
        }

        using var network = new Execution(op.Device, new Network(graph.Build(x), ["a", "b", "c"]));
        int before = op.Device.LiveBuffers;
        network.Forward(op.Input("x", new Shape(2, 8, 8, 3), OpHarness.Random(384, 1)));
        Assert.InRange(op.Device.LiveBuffers - before, 1, 6);       // two in turn, the output, winners, the image
    }

    [Fact]
    public void A_value_between_two_branches_is_no_bottleneck()
    {
        using var op = new OpHarness("plain");
        using Execution execution = ManyKinds.Create(op.Device);
        Assert.True(execution.IsBottleneck("joined"));
        Assert.True(execution.IsBottleneck("swish"));
        Assert.False(execution.IsBottleneck("depthwise"));
        execution.Forward(Images(op));
        Tensor depth = execution.Activation("depthwise");
        Assert.Throws<ArgumentException>(() => execution.ForwardFrom("depthwise", depth));
    }

    [Fact]
    public void Every_trained_parameter_has_the_gradient_of_its_slope()
    {
        using var op = new OpHarness("plain");
        using Execution execution = ManyKinds.Create(op.Device);
        Tensor images = Images(op), logits = execution.Forward(images);
        float[] weights = OpHarness.Random(logits.Count, 9);
        execution.Backward(op.Input("dLogits", logits.Shape, weights));
        const float H = 2e-4f;
        double rounding = Rounding(execution.Activation("classifier").ToArray(), weights, H);
        foreach (Parameter parameter in execution.Parameters)
        {
            float[] at = parameter.Value.ToArray(), gradient = parameter.Gradient.ToArray(), direction = OpHarness.Random(at.Length, 11);
            double slope = (Value(H) - Value(-H)) / (2 * H), expected = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
            double scale = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(Math.Abs(slope - expected) <= (2e-2 * scale) + rounding, $"{parameter.Name}: {slope} and {expected}");
            parameter.Value.CopyFrom(at);

            double Value(float step)
            {
                parameter.Value.CopyFrom([.. at.Zip(direction, (v, d) => v + (step * d))]);
                return execution.Forward(images).ToArray().Zip(weights, (v, w) => (double)v * w).Sum();
            }
        }
    }

    /// <summary>What float32 leaves of a difference of outputs over two steps.</summary>
    private static double Rounding(float[] logits, float[] weights, float step) =>
        1e-3 + (2e-6 * logits.Zip(weights, (y, w) => Math.Abs((double)y * w)).Sum() / step);

    private static Tensor Images(OpHarness op) => op.Input("x", ManyKinds.Image.WithN(ManyKinds.Images), s_pixels);
}
