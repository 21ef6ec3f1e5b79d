using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

/// <summary>The fused network of the vectorised host against the layers on plain kernels.</summary>
public class WholeLeNetTests
{
    private const int Size = 18;
    private const int Batch = 4;

    private static readonly NetworkConfig s_config = new(1, Size, ["a", "b", "c"]) { Widths = [32, 32] };

    [Fact]
    public void Fifty_steps_end_where_the_plain_kernels_end()
    {
        (float[] Weights, double Loss) plain = Train(Backend.Cpu, 50), fused = Train(Backend.Simd, 50);
        OpHarness.Close([.. plain.Weights.Select(v => (double)v)], fused.Weights, 1e-3, "weight");
        Assert.Equal(plain.Loss, fused.Loss, 1e-3);
    }

    [Fact]
    public void Two_runs_give_the_same_bits() => Assert.Equal(Train(Backend.Simd, 5).Weights, Train(Backend.Simd, 5).Weights);

    [Fact]
    public void Logits_features_and_late_activations_equal_those_of_the_layers()
    {
        using var simd = new HostDevice(Backend.Simd, 2);
        using var cpu = new HostDevice(Backend.Cpu, 2);
        using Execution fused = LeNetGap.Create(simd, s_config, 3), plain = LeNetGap.Create(cpu, s_config, 3);
        (float[] images, _) = Images(0);
        using Tensor x = Upload(simd, images), same = Upload(cpu, images);
        Close(plain.Forward(same), fused.Forward(x));
        Assert.NotNull(fused.Whole);
        foreach (string layer in (string[])["pool2", "relu1", "conv2", "pool2", "classifier"])
        {
            Close(plain.Activation(layer), fused.Activation(layer));
        }
    }

    [Fact]
    public void A_backward_pass_works_after_a_fused_forward_pass()
    {
        using var simd = new HostDevice(Backend.Simd, 2);
        using var cpu = new HostDevice(Backend.Cpu, 2);
        using Execution fused = LeNetGap.Create(simd, s_config, 3), plain = LeNetGap.Create(cpu, s_config, 3);
        (float[] images, _) = Images(0);
        float[] dLogits = OpHarness.Random(Batch * 3, 5);
        using Tensor x = Upload(simd, images), same = Upload(cpu, images);
        foreach ((Execution network, Tensor input) in new[] { (fused, x), (plain, same) })
        {
            Tensor logits = network.Forward(input);
            using var gradient = new Tensor(network.Device, "dLogits", logits.Shape);
            gradient.CopyFrom(dLogits);
            network.Backward(gradient);
        }

        for (int i = 0; i < plain.Parameters.Count; i++)
        {
            Close(plain.Parameters[i].Gradient, fused.Parameters[i].Gradient);
        }
    }

    [Theory]
    [InlineData(GlobalPooling.Max, 2)]
    [InlineData(GlobalPooling.Average, 1)]
    public void A_variant_runs_layer_by_layer_to_the_same_end(GlobalPooling pooling, int pools)
    {
        NetworkConfig variant = s_config with { Pooling = pooling, Pools = pools };
        using var simd = new HostDevice(Backend.Simd, 2);
        using Execution network = LeNetGap.Create(simd, variant, 3);
        Assert.Null(network.Whole);
        (float[] Weights, double Loss) plain = Train(Backend.Cpu, 20, variant), vectorised = Train(Backend.Simd, 20, variant);
        OpHarness.Close([.. plain.Weights.Select(v => (double)v)], vectorised.Weights, 1e-3, "weight");
        Assert.Equal(plain.Loss, vectorised.Loss, 1e-3);
    }

    [Fact]
    public void Changed_weights_are_noticed()
    {
        using var simd = new HostDevice(Backend.Simd, 2);
        using Execution network = LeNetGap.Create(simd, s_config, 3);
        using Tensor x = Upload(simd, Images(0).Images);
        float[] before = network.Forward(x).ToArray();
        Assert.Equal(before, network.Forward(x).ToArray());
        Tensor weight = network.Parameters[2].Value;
        weight.CopyFrom([.. weight.ToArray().Select(v => -v)]);
        Assert.NotEqual(before, network.Forward(x).ToArray());
    }

    private static (float[] Weights, double Loss) Train(Backend backend, int steps, NetworkConfig? config = null)
    {
        using var device = new HostDevice(backend, 2);
        using Execution network = LeNetGap.Create(device, config ?? s_config, 3);
        // With biases of zero, black pixels sit exactly on ReLU's kink, where rounding decides: start off it.
        foreach (Parameter bias in network.Parameters.Where(parameter => parameter.Kind == ParameterKind.Bias))
        {
            bias.Value.CopyFrom(OpHarness.Random(bias.Value.Count, 8, -0.1f, 0.1f));
        }

        using var optimizer = new SgdOptimizer(network.Parameters, momentum: 0.9f);
        using var trainer = new Trainer(network, optimizer);
        double loss = 0;
        for (int step = 0; step < steps; step++)
        {
            (float[] images, int[] labels) = Images(step);
            loss = trainer.Step(images, labels, 0.01f).Loss;
        }

        return ([.. network.Parameters.SelectMany(parameter => parameter.Value.ToArray())], loss);
    }

    /// <summary>A bright bar on black, whose place is its class.</summary>
    private static (float[] Images, int[] Labels) Images(int seed)
    {
        var random = new Random(seed);
        float[] images = new float[Batch * Size * Size];
        int[] labels = [.. Enumerable.Range(0, Batch).Select(_ => random.Next(3))];
        for (int n = 0; n < Batch; n++)
        {
            for (int i = 0; i < 12; i++)
            {
                images[(((n * Size) + 2 + i) * Size) + 3 + (5 * labels[n])] = 0.2f + (0.8f * random.NextSingle());
            }
        }

        return (images, labels);
    }

    private static Tensor Upload(IDevice device, float[] images)
    {
        var tensor = new Tensor(device, "x", new Shape(Batch, Size, Size, 1));
        tensor.CopyFrom(images);
        return tensor;
    }

    private static void Close(Tensor expected, Tensor actual) =>
        OpHarness.Close([.. expected.ToArray().Select(v => (double)v)], actual.ToArray(), 1e-5, expected.Name);
}
