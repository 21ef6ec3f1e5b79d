using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Data;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Model.Distributed;

namespace GpuCam.Tests.Runner.Ranks;

/// <summary>What ranks find of samples together is what one process finds, bit for bit.</summary>
public sealed class SharedExperimentTests
{
    private const int Count = 260;      // six batches, the last one smaller

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Features_and_units_and_second_looks_are_those_of_one_process(int ranks)
    {
        string alone = Found(RankJob.Alone)!;
        string?[] shared = ThreadRanks.Run(ranks, rank => Found(new RankJob(rank)));
        Assert.Equal(alone, shared[0]);
        Assert.All(shared.Skip(1), Assert.Null);
    }

    private static string? Found(RankJob job)
    {
        ISampleSource source =
            Corpus.Open(new CorpusOptions { Digits = "synthetic", Size = 28, Distractors = 1, TestCount = Count }).Test;
        using var device = new HostDevice(Backend.Simd, 1);
        using Execution network = LeNetGap.Create(device, new NetworkConfig(1, 28, source.ClassNames) { Widths = [4, 8] }, seed: 3);
        using var look = new LookTwice(job, network, network, source, new Crop(2, 28), new LookTwiceOptions(0.3f, 2, 28));
        using var experiment = new UnitExperiment(job, network, source, classIndex: 4, units: 5, top: 6);
        LookTwiceResult? looks = look.Run(Count);
        UnitResults? units = experiment.Run(Count, "model", "picture");
        PooledFeatures[] features = PooledFeatures.Of(job, [network, network], source, Count);
        Assert.Equal(Count, features[1].Maximum.Labels.Length);
        Assert.Equal(job.IsFirst, looks is not null);
        Assert.Equal(job.IsFirst, units is not null);
        return job.IsFirst ? RunnerJson.Line(new { looks, units, features }) : null;
    }
}
