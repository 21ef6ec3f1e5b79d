using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class TrainerTests
{
    [Theory]
    [MemberData(nameof(TestDevices.ForTraining), MemberType = typeof(TestDevices))]
    public void Sixteen_pictures_are_learned_by_heart(string device)
    {
        using var op = new OpHarness(device);
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 16);
        StepResult first = trainer.Step(images, labels, 0.02f);
        for (int i = 0; i < 150; i++)
        {
            trainer.Step(images, labels, 0.02f);
        }

        StepResult last = trainer.Step(images, labels, 0.02f);
        Assert.Equal(152, trainer.StepCount);
        Assert.InRange(first.Loss, 0.5, 3);
        Assert.True(last.Loss < 0.1 * first.Loss, $"loss {first.Loss} → {last.Loss}");
        Assert.Equal(1.0, last.Accuracy);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_same_seed_gives_the_same_bits(string device)
    {
        float[] first = Train(device, steps: 6);
        Assert.Equal(first, Train(device, steps: 6));
        Assert.All(first, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Sgd_with_momentum_learns_too()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new SgdOptimizer(network.Parameters, momentum: 0.9f, weightDecay: 1e-4f);
        using var trainer = new Trainer(network, optimizer);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 16);
        double first = trainer.Step(images, labels, 0.1f).Loss;
        for (int i = 0; i < 100; i++)
        {
            trainer.Step(images, labels, 0.1f);
        }

        Assert.True(trainer.Step(images, labels, 0.1f).Loss < 0.5 * first);
    }

    [Fact]
    public void Steps_allocate_nothing_once_both_batch_sizes_were_seen()
    {
        using var host = new HostDevice(Backend.Cpu, 1);
        var device = new CountingDevice(host);
        using (Execution network = TinyProblem.Network(device))
        using (var optimizer = new AdamOptimizer(network.Parameters))
        using (var trainer = new Trainer(network, optimizer))
        {
            (float[] images, int[] labels) = TinyProblem.Batch(0, 8);
            trainer.Step(images, labels, 0.01f);
            int allocations = device.Allocations;
            int live = host.LiveBuffers;
            for (int i = 0; i < 3; i++)
            {
                trainer.Step(images.AsSpan(0, 3 * TinyProblem.Size * TinyProblem.Size), labels.AsSpan(0, 3), 0.01f);
                trainer.Step(images, labels, 0.01f);
            }

            Assert.Equal(allocations, device.Allocations);
            Assert.Equal(live, host.LiveBuffers);
        }

        Assert.Equal(0, host.LiveBuffers);
    }

    [Fact]
    public void A_smaller_last_batch_gives_what_a_fresh_network_gives()
    {
        using var op = new OpHarness("plain");
        using Execution used = TinyProblem.Network(op.Device);
        using Execution fresh = TinyProblem.Network(op.Device);
        using var classifierUsed = new Classifier(used);
        using var classifierFresh = new Classifier(fresh);
        (float[] images, _) = TinyProblem.Batch(0, 8);
        classifierUsed.Logits(images, 8);
        float[] tail = images[^(3 * TinyProblem.Size * TinyProblem.Size)..];
        Assert.Equal(classifierFresh.Logits(tail, 3).ToArray(), classifierUsed.Logits(tail, 3).ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_non_finite_loss_names_its_step_and_leaves_the_weights(float poison)
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 4);
        trainer.Step(images, labels, 0.01f);
        float[] before = TinyProblem.Weights(network);
        Poison(network, poison);
        NonFiniteLossException error = Assert.Throws<NonFiniteLossException>(() => trainer.Step(images, labels, 0.01f));
        Assert.Equal(2, error.Step);
        Assert.Equal(1, trainer.StepCount);
        Assert.Equal(before[..^TinyProblem.Classes], TinyProblem.Weights(network)[..^TinyProblem.Classes]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_label_out_of_range_is_refused(int label)
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new SgdOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer);
        (float[] images, _) = TinyProblem.Batch(0, 2);
        GpuCamException error = Assert.Throws<GpuCamException>(() => trainer.Step(images, [0, label], 0.1f));
        Assert.Equal($"label {label} is out of range: the network has 3 classes, counted from 0", error.Message);
    }

    private static float[] Train(string device, int steps)
    {
        using var op = new OpHarness(device);
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer);
        for (int i = 0; i < steps; i++)
        {
            (float[] images, int[] labels) = TinyProblem.Batch(i * 5, 5);
            trainer.Step(images, labels, 0.01f);
        }

        return TinyProblem.Weights(network);
    }

    private static void Poison(Execution network, float value)
    {
        Parameter bias = network.Parameters.Single(p => p.Name == "classifier.bias");
        bias.Value.CopyFrom([value, 0, 0]);
    }
}
