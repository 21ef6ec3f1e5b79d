using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Model.Distributed;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>Ranks that share the batches of an evaluation find together what one process finds.</summary>
public sealed class RankedEvaluationTests
{
    private static readonly CorpusOptions s_options = new() { Size = 28, Distractors = 1, TrainCount = 20, TestCount = 170 };
    private static readonly Corpus s_corpus = Corpus.Generate(s_options, DataFixtures.Digits());

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]     // one has no batch
    public void They_give_every_figure_every_row_and_the_same_worst_images(int ranks)
    {
        Found alone = Run(RankJob.Alone);
        Found[] all = ThreadRanks.Run(ranks, rank => Run(new RankJob(rank)));
        Assert.All(all, found => Assert.Equal(alone.Figures, found.Figures));
        Assert.Equal(alone.Worst, all[0].Worst);
        Assert.Equal(alone.Table, all[0].Table);
    }

    [Fact]
    public void One_that_has_no_finite_answer_ends_all_with_its_error()
    {
        string[] said = ThreadRanks.Run(
            2, rank => Assert.Throws<JobException>(() => Run(new RankJob(rank), broken: rank.Rank == 1)).Message);
        foreach (string line in said)
        {
            Assert.StartsWith("rank 1 (", line, StringComparison.Ordinal);
            Assert.Contains("the network's outputs for the test images are not finite", line, StringComparison.Ordinal);
        }
    }

    private static Found Run(RankJob job, bool broken = false)
    {
        using var device = new HostDevice(Backend.Simd, 1);
        var config = new NetworkConfig(1, s_options.Size, s_corpus.Test.ClassNames) { Widths = [4, 8] };
        using Execution network = Architectures.Create(device, config, 3);
        if (broken)
        {
            network.Parameters[0].Value.CopyFrom([.. Enumerable.Repeat(float.NaN, network.Parameters[0].Shape.Count)]);
        }

        var table = new PictureTable();
        EvaluationPlan plan = new EvaluationPlan
        {
            Maps = new MapChoice { Methods = ["cam", "gradcam"] },
            Validation = new SampleRange(s_corpus.Validation, 0, 120),
            Thresholds = 51,
            Pixels = true,
            Faithfulness = true,
            FaithfulnessImages = 60,
            Steps = 3,
            Table = table,
        }.WithRows(network, _ => { });
        using var evaluator = new Evaluator(job, network, s_corpus.Test, plan);
        var worst = new WorstImages();
        EvaluationResult result = evaluator.Run(170, worst);
        using var folder = new TemporaryFolder();
        table.Write(folder["table.csv"], result.Maps);
        return new Found(
            RunnerJson.Line(result with { ImagesPerSecond = 1 }),
            string.Join('\n', worst.HighestLoss.Concat(worst.SurestErrors).Concat(worst.LowestIou).Select(RunnerJson.Line)),
            File.ReadAllText(folder["table.csv"]));
    }

    private sealed record Found(string Figures, string Worst, string Table);
}
