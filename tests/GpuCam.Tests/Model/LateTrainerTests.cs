using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

/// <summary>Steps whose losses are read later are the same steps.</summary>
public class LateTrainerTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Losses_read_late_are_the_same_bits(string device)
    {
        (StepResult[] prompt, float[] weights) = Train(device, lateSteps: 0);
        foreach (int lateSteps in (int[])[1, 3, 100])
        {
            (StepResult[] late, float[] lateWeights) = Train(device, lateSteps);
            Assert.Equal(prompt, late);
            Assert.Equal(weights, lateWeights);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_batch_on_the_device_is_trained_on_like_one_from_the_host(string device)
    {
        foreach (int lateSteps in (int[])[0, 4])
        {
            using var op = new OpHarness(device);
            using Execution first = TinyProblem.Network(op.Device), second = TinyProblem.Network(op.Device);
            using var firstOptimizer = new AdamOptimizer(first.Parameters);
            using var secondOptimizer = new AdamOptimizer(second.Parameters);
            using var fromHost = new Trainer(first, firstOptimizer, lateSteps);
            using var fromDevice = new Trainer(second, secondOptimizer, lateSteps);
            (float[] images, int[] labels) = TinyProblem.Batch(0, 6);
            Tensor x = op.Input("x", new Shape(6, TinyProblem.Size, TinyProblem.Size, 1), images);
            DeviceBuffer<int> onDevice = op.Integers([.. labels, 99]);
            for (int i = 0; i < 3; i++)
            {
                fromHost.Begin(images, labels, 0.01f);
                fromDevice.Begin(x, onDevice, 0.01f);
            }

            Assert.Equal(fromHost.Results(wait: true), fromDevice.Results(wait: true));
            Assert.Equal(TinyProblem.Weights(first), TinyProblem.Weights(second));
            Assert.Equal(fromHost.Step(images, labels, 0.01f), fromDevice.Step(x, onDevice, 0.01f));
        }
    }

    [Fact]
    public void A_late_trainer_names_the_step_that_failed_and_keeps_what_came_before()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer, lateSteps: 10);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 4);
        for (int i = 0; i < 3; i++)
        {
            trainer.Begin(images, labels, 0.01f);
        }

        images[5] = float.NaN;
        for (int i = 0; i < 2; i++)
        {
            trainer.Begin(images, labels, 0.01f);
        }

        Assert.Empty(trainer.Results(wait: false));
        NonFiniteLossException error = Assert.Throws<NonFiniteLossException>(() => trainer.Results(wait: true));
        Assert.Equal(4, error.Step);
        Assert.Equal(3, trainer.Results(wait: false).Count);
    }

    [Fact]
    public void A_full_journal_is_read_by_itself()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new SgdOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer, lateSteps: 3);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 4);
        int known = 0;
        for (int i = 0; i < 10; i++)
        {
            trainer.Begin(images, labels, 0.01f);
            known += trainer.Results(wait: false).Count;
        }

        Assert.Equal(9, known);
        Assert.Single(trainer.Results(wait: true));
        Assert.Equal(10, trainer.StepCount);
    }

    private static (StepResult[] Results, float[] Weights) Train(string device, int lateSteps)
    {
        using var op = new OpHarness(device);
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        using var trainer = new Trainer(network, optimizer, lateSteps);
        for (int i = 0; i < 6; i++)
        {
            (float[] images, int[] labels) = TinyProblem.Batch(i * 5, i == 4 ? 9 : 5);
            trainer.Begin(images, labels, 0.01f);
        }

        return ([.. trainer.Results(wait: true)], TinyProblem.Weights(network));
    }
}
