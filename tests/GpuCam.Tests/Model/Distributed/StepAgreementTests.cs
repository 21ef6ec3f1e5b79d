using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Model.Graphs;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>What ranks tell each other with each step.</summary>
public class StepAgreementTests
{
    private const int Pixels = TinyProblem.Size * TinyProblem.Size;

    [Theory]
    [InlineData(GradientReduction.Ordered, "fused")]
    [InlineData(GradientReduction.Ordered, "kinds")]
    [InlineData(GradientReduction.Fast, "kinds")]
    public void One_vote_ends_the_job_and_all_have_the_clock_of_the_first(GradientReduction reduction, string network)
    {
        StepVote[][] agreed = ThreadRanks.Run(3, rank =>
        {
            using var device = new HostDevice(Backend.Simd, 1);
            using Execution execution = new ShardCase(network, "sgd", Backend.Simd).Create(device);
            using var optimizer = new SgdOptimizer(execution.Trained);
            var sharding = new Sharding(rank, 3, reduction);
            using var trainer = new Trainer(execution, optimizer) { Sharding = sharding, BatchImages = 9 };
            (float[] images, int[] labels) = TinyProblem.Batch(3 * rank.Rank, 3);
            var all = new List<StepVote>();
            for (int step = 0; step < 3; step++)
            {
                trainer.Vote = new StepVote(rank.Rank == 1 && step == 1, (Math.PI * 1e5 * (rank.Rank + 1)) + step);
                trainer.Step(images, labels, 0.01f);
                all.Add(trainer.Agreed);
            }

            return all.ToArray();
        });
        Assert.All(agreed, one => Assert.Equal(
            [new StepVote(false, Math.PI * 1e5), new StepVote(true, (Math.PI * 1e5) + 1), new StepVote(false, (Math.PI * 1e5) + 2)], one));
    }

    [Theory]
    [InlineData(GradientReduction.Ordered, "fused", float.NaN)]
    [InlineData(GradientReduction.Ordered, "kinds", float.NaN)]
    [InlineData(GradientReduction.Fast, "kinds", float.PositiveInfinity)]
    public void A_loss_that_is_not_finite_is_told_on_all_ranks_and_leaves_weights_and_statistics(
        GradientReduction reduction, string network, float poison)
    {
        string[] messages = ThreadRanks.Run(3, rank =>
        {
            using var device = new HostDevice(Backend.Simd, 1);
            using Execution execution = new ShardCase(network, "sgd", Backend.Simd).Create(device);
            using var optimizer = new SgdOptimizer(execution.Trained);
            var sharding = new Sharding(rank, 3, reduction);
            using var trainer = new Trainer(execution, optimizer) { Sharding = sharding, BatchImages = 9 };
            (float[] images, int[] labels) = TinyProblem.Batch(3 * rank.Rank, 3);
            trainer.Step(images, labels, 0.01f);
            float[] before = TrainedKinds.Saved(execution);
            images[Pixels / 2] = rank.Rank == 2 ? poison : 0;
            NonFiniteLossException error = Assert.Throws<NonFiniteLossException>(() => trainer.Step(images, labels, 0.01f));
            Assert.Equal(before, TrainedKinds.Saved(execution));
            images[Pixels / 2] = 0;
            Assert.True(double.IsFinite(trainer.Step(images, labels, 0.01f).Loss));
            return error.Message;
        });
        Assert.All(messages, message => Assert.Equal(messages[0], message));
    }

    [Fact]
    public void A_rank_that_throws_ends_the_others()
    {
        Assert.Equal("here", Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(3, rank =>
        {
            if (rank.Rank == 1)
            {
                throw new InvalidOperationException("here");
            }

            rank.AllGather([1]);
        })).Message);
    }

    [Fact]
    public void Running_statistics_move_towards_the_mean_of_the_shards()
    {
        const int Batch = 7, Shards = 3;
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, TinyProblem.Size, TinyProblem.Size, 1));
        x = graph.Add("bn", new BatchNormalizationNode(
            x, Vector("scale", ParameterKind.Bias, 1), Vector("bias", ParameterKind.Bias, 0), Vector("mean", ParameterKind.Statistic, 0),
            Vector("variance", ParameterKind.Statistic, 1), 1e-5f));
        x = graph.Linear("classifier", graph.GlobalPool("gap", x, GlobalPooling.Average), TinyProblem.Classes, bias: true);
        var network = new Network(graph.Build(x), TinyProblem.Config.ClassNames);
        (float[] images, int[] labels) = TinyProblem.Batch(0, Batch);
        double mean = 0, variance = 0;
        for (int shard = 0; shard < Shards; shard++)
        {
            int first = Batch * shard / Shards, end = Batch * (shard + 1) / Shards;
            float[] own = images[(first * Pixels)..(end * Pixels)];
            double centre = own.Average(v => (double)v), share = (end - first) / (double)Batch;
            mean += share * centre;
            variance += share * own.Sum(v => (v - centre) * (v - centre)) / (own.Length - 1);
        }

        foreach ((int ranks, GradientReduction reduction) in ((int, GradientReduction)[])
            [(1, GradientReduction.Ordered), (2, GradientReduction.Ordered), (3, GradientReduction.Fast)])
        {
            float[][] got = ThreadRanks.Run(ranks, rank =>
            {
                using var device = new HostDevice(Backend.Simd, 2);
                using var execution = new Execution(device, network);
                HeInitialization.Fill(execution.Saved, 7);
                using var optimizer = new SgdOptimizer(execution.Trained);
                var sharding = new Sharding(rank, Shards, reduction);
                using var trainer = new Trainer(execution, optimizer) { Sharding = sharding, BatchImages = Batch };
                (int first, int count) = sharding.ImagesOf(rank.Rank, Batch);
                trainer.Step(images.AsSpan(first * Pixels, count * Pixels), labels.AsSpan(first, count), 0.01f);
                return execution.Saved.Where(p => p.Kind == ParameterKind.Statistic).SelectMany(p => p.Value.ToArray()).ToArray();
            });
            Assert.All(got, one => Assert.Equal(got[0], one));
            Assert.Equal(0.1 * mean, got[0][0], 1e-6);
            Assert.Equal(0.9 + (0.1 * variance), got[0][1], 1e-6);
        }

        static GraphParameter Vector(string part, ParameterKind kind, float start) =>
            new($"bn.{part}", kind, Shape.Vector(1), null) { Start = start };
    }
}
