using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>Sums by the library of the ranks: the batch's gradient up to rounding, and the same on all of them.</summary>
public class FastTrainingTests
{
    [Theory]
    [InlineData("fused", Backend.Simd)]
    [InlineData("layers", Backend.Simd)]
    [InlineData("dropping", Backend.Cpu)]
    public void Ranks_give_what_one_gives_up_to_rounding(string network, Backend backend)
    {
        var of = new ShardCase(network, "momentum", backend);
        using var device = new HostDevice(backend, 2);
        ShardCase.Outcome uncut = of.Train(device, null);
        foreach (int ranks in (int[])[1, 2, 3, 5])
        {
            ShardCase.Outcome[] all = of.Train(ranks, 1, ranks, GradientReduction.Fast);
            ShardCase.Close(uncut, all[0], 2e-5);
            Assert.All(all, one => ShardCase.Same(all[0], one, $"{ranks} ranks"));
        }
    }

    [Fact]
    public void Buckets_leave_while_the_backward_pass_goes_on_in_the_same_order_on_all_ranks()
    {
        var of = new ShardCase("kinds", "adam", Backend.Simd);
        ShardCase.Outcome[] all = of.Train(3, 2, 3, GradientReduction.Fast);
        Assert.All(all, one => ShardCase.Same(all[0], one, "all ranks"));
        Assert.All(all, one => Assert.Equal(all[0].Calls, one.Calls));
        Assert.True(all[0].Calls.Count > 2 * ShardCase.Steps);
        Assert.All(all[0].Calls, call => Assert.StartsWith("sum of ", call, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_node_that_is_trained_is_heard_of_once_and_behind_those_that_read_it()
    {
        using var device = new HostDevice(Backend.Simd, 2);
        using Execution execution = new ShardCase("kinds", "sgd", Backend.Simd).Create(device);
        using var optimizer = new SgdOptimizer(execution.Trained);
        using var trainer = new Trainer(execution, optimizer);
        var heard = new List<string>();
        execution.State.Differentiated = node => heard.AddRange(
            node.Parameters.Where(parameter => parameter.IsTrained).Select(parameter => parameter.Name));
        (float[] images, int[] labels) = TinyProblem.Batch(0, 4);
        trainer.Step(images, labels, 0.01f);
        string[] first = [.. heard];
        Assert.Equal(execution.Trained.Select(parameter => parameter.Name).Order(), first.Order());
        Assert.StartsWith("classifier", first[0], StringComparison.Ordinal);
        Assert.StartsWith("stem", first[^1], StringComparison.Ordinal);
        heard.Clear();
        trainer.Step(images, labels, 0.01f);
        Assert.Equal(first, heard);
    }
}
