using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>Sums in the order of shards: the same bits for any number of ranks and threads.</summary>
public class OrderedTrainingTests
{
    public static TheoryData<string, string, Backend, string?> Cases => new()
    {
        { "fused", "adam", Backend.Simd, null },
        { "fused", "momentum", Backend.Simd, "pool1" },
        { "layers", "adam", Backend.Simd, null },
        { "layers", "sgd", Backend.Cpu, "pool1" },
        { "kinds", "momentum", Backend.Simd, null },
        { "kinds", "adam", Backend.Cpu, null },
        { "kinds", "sgd", Backend.Simd, "block" },
        { "dropping", "adam", Backend.Simd, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ranks_and_threads_change_no_bit(string network, string optimizer, Backend backend, string? frozen)
    {
        var of = new ShardCase(network, optimizer, backend, Frozen: frozen);
        foreach ((int shards, (int Ranks, int Threads)[] jobs) in ((int, (int, int)[])[])
            [(8, [(1, 2), (1, 3), (2, 1), (2, 2), (3, 2), (4, 1), (5, 1), (8, 1)]), (7, [(2, 2), (3, 1)])])
        {
            ShardCase.Outcome alone = of.Train(1, 1, shards)[0];
            Assert.All(alone.Saved, value => Assert.True(float.IsFinite(value)));
            foreach ((int ranks, int threads) in jobs)
            {
                foreach (ShardCase.Outcome one in of.Train(ranks, threads, shards))
                {
                    ShardCase.Same(alone, one, $"{shards} shards, {ranks} ranks, {threads} threads");
                }
            }
        }
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("layers")]
    [InlineData("dropping")]
    public void Shards_give_what_the_batch_gives_up_to_rounding(string network)
    {
        var of = new ShardCase(network, "momentum", Backend.Simd) { Gain = 1.5f };
        using var device = new HostDevice(Backend.Simd, 2);
        ShardCase.Outcome uncut = of.Train(device, null);
        ShardCase.Close(uncut, of.Train(1, 2, 8)[0], 2e-5);
        ShardCase.Close(uncut, of.Train(3, 1, 5)[1], 2e-5);
        ShardCase.Close(uncut, of.Train(1, 2, 1)[0], 2e-5);
    }

    [Fact]
    public void A_batch_with_fewer_images_than_shards_is_trained_on_too()
    {
        foreach (string network in (string[])["fused", "layers"])
        {
            var of = new ShardCase(network, "momentum", Backend.Simd, Batch: 5);
            using var device = new HostDevice(Backend.Simd, 2);
            ShardCase.Outcome uncut = of.Train(device, null), alone = of.Train(1, 1, 8)[0];
            ShardCase.Close(uncut, alone, 2e-5);
            Assert.All(of.Train(8, 1, 8), one => ShardCase.Same(alone, one, network));
            Assert.All(of.Train(3, 2, 8), one => ShardCase.Same(alone, one, network));
        }
    }

    [Fact]
    public void Buckets_of_any_size_give_the_same_bits_and_leave_in_the_same_order()
    {
        var of = new ShardCase("kinds", "sgd", Backend.Simd);
        ShardCase.Outcome one = (of with { BucketFloats = 1 << 20 }).Train(2, 2, 4)[0];
        Assert.Equal(["exchange", "gather"], one.Calls.Take(2).Select(Kind));
        Assert.Equal(2 * ShardCase.Steps, one.Calls.Count);
        foreach (int floats in (int[])[1, 100, 500])
        {
            ShardCase.Outcome[] all = (of with { BucketFloats = floats }).Train(2, 2, 4);
            ShardCase.Same(one, all[0], $"buckets of {floats}");
            Assert.Equal(all[0].Calls, all[1].Calls);
            string[] step = [.. all[0].Calls.Take(all[0].Calls.Count / ShardCase.Steps).Select(Kind)];
            int buckets = step.Length / 2;
            Assert.True(buckets > 2);
            string[] middle = [.. Enumerable.Repeat<string[]>(["exchange", "gather"], buckets - 1).SelectMany(pair => pair)];
            Assert.Equal(["exchange", .. middle, "gather"], step);
        }
    }

    [Fact]
    public void Nothing_is_left_behind_and_the_network_goes_on_by_itself()
    {
        foreach (string network in (string[])["fused", "kinds"])
        {
            using var device = new HostDevice(Backend.Simd, 2);
            using (Execution execution = new ShardCase(network, "sgd", Backend.Simd).Create(device))
            using (var optimizer = new SgdOptimizer(execution.Trained))
            {
                (float[] images, int[] labels) = TinyProblem.Batch(0, 6);
                using (var trainer = new Trainer(execution, optimizer)
                {
                    Sharding = new Sharding(new SingleRank(), 3, GradientReduction.Ordered),
                    BatchImages = 6,
                })
                {
                    trainer.Step(images, labels, 0.01f);
                    Assert.Throws<ArgumentException>(() => trainer.Step(images.AsSpan(0, 2 * 144), labels.AsSpan(0, 2), 0.01f));
                }

                using var alone = new Trainer(execution, optimizer);
                Assert.Equal(6, alone.Step(images, labels, 0.01f).Count);
            }

            Assert.Equal(0, device.LiveBuffers);
        }
    }

    [Fact]
    public void A_layer_that_is_frozen_later_stays_from_then_on()
    {
        using var device = new HostDevice(Backend.Simd, 2);
        using Execution execution = new ShardCase("kinds", "sgd", Backend.Simd).Create(device);
        using var optimizer = new SgdOptimizer(execution.Trained);
        using var trainer = new Trainer(execution, optimizer)
        {
            Sharding = new Sharding(new SingleRank(), 4, GradientReduction.Ordered),
            BatchImages = 12,
        };
        (float[] images, int[] labels) = TinyProblem.Batch(0, 12);
        trainer.Step(images, labels, 0.01f);
        execution.Freeze("block");
        float[] mean = Mean(), other = Other();
        using var rest = new SgdOptimizer(execution.Trained);
        using var second = new Trainer(execution, rest) { Sharding = trainer.Sharding, BatchImages = 12 };
        second.Step(images, labels, 0.01f);
        Assert.Equal(mean, Mean());
        Assert.NotEqual(other, Other());

        float[] Mean() => execution.Saved.Single(parameter => parameter.Name == "block.bn1.mean").Value.ToArray();
        float[] Other() => execution.Saved.Single(parameter => parameter.Name == "far.bn.mean").Value.ToArray();
    }

    private static string Kind(string call) => call.Split(' ')[0];
}
