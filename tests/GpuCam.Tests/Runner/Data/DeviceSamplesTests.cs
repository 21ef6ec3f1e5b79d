using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Runner.Data;

/// <summary>A device draws the samples that the host draws, bit for bit.</summary>
public class DeviceSamplesTests
{
    private static readonly Dictionary<string, (CorpusOptions Options, bool Test)> s_cases = new()
    {
        ["plain"] = (new CorpusOptions { Size = 41, TrainCount = 300, Seed = 11 }, false),
        ["large seed, no patches"] = (new CorpusOptions { Size = 28, Distractors = 0, TrainCount = 300, Seed = ulong.MaxValue - 5 }, false),
        ["three channels and a border"] =
        (new CorpusOptions { Size = 45, Channels = 3, Border = 7, Distractors = 30, TrainCount = 300 }, false),
        ["test digits"] = (new CorpusOptions { Size = 33, Distractors = 3, TestCount = 200 }, true),
        ["seed protocol"] =
        (new CorpusOptions { Size = 33, Distractors = 3, Protocol = Protocol.Seed, TrainCount = 300, TestCount = 200 }, true),
        ["few patches by chance"] = (new CorpusOptions { Size = 40, PoissonDistractors = 1.28, TrainCount = 300 }, false),
        ["many patches by chance"] = (new CorpusOptions { Size = 40, PoissonDistractors = 17.5, TrainCount = 300 }, false),
        ["no patches by chance"] = (new CorpusOptions { Size = 40, PoissonDistractors = 0, TrainCount = 300 }, false),
        ["warped digits"] = (new CorpusOptions { Size = 34, Distractors = 2, Augment = 1.5f, TrainCount = 300, Seed = 4 }, false),
        ["an end in the middle of a batch"] = (new CorpusOptions { Size = 30, Distractors = 2, TrainCount = 13 }, false),
    };

    public static TheoryData<string, string> Cases => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_are_those_of_the_host(string device, string name)
    {
        (CorpusOptions options, bool test) = s_cases[name];
        var corpus = Corpus.Generate(options, DataFixtures.Digits());
        var source = (ClutteredDigits)(test ? corpus.Test : corpus.Train);
        using var op = new OpHarness(device);
        using DeviceDigits digits = source.CopyDigitsTo(op.Device);
        const int Batch = 5;
        using var samples = new DeviceSamples(digits, source.DescribeForDevice(), Batch);
        int length = options.Size * options.Size * options.Channels;
        float[] expected = new float[length];
        foreach (long step in (long[])[0, 1, 2, 11, 1_000_000_007])
        {
            samples.Images.CopyFrom([.. Enumerable.Repeat(float.NaN, Batch * length)]);
            samples.Make(step);
            float[] images = samples.Images.ToArray();
            int[] labels = samples.Labels.ToArray();
            for (int n = 0; n < Batch; n++)
            {
                source.Fill((int)(((step * Batch) + n) % source.Count), expected, out int label, out _, []);
                Assert.Equal(label, labels[n]);
                Assert.True(expected.AsSpan().SequenceEqual(images.AsSpan(n * length, length)), $"step {step}, image {n}");
            }
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(8.0)]
    [InlineData(20.0)]
    [InlineData(500.0)]
    public void The_table_of_the_number_of_patches_gives_what_the_formula_gives(double mean)
    {
        uint[] limits = ClutteredDigits.PoissonLimits(mean);
        Assert.Equal(limits.Order(), limits);
        var random = new Random(1);
        IEnumerable<uint> places = limits.SelectMany(limit => (uint[])[limit - 1, limit, limit + 1])
            .Concat(Enumerable.Range(0, 2000).Select(_ => (uint)random.Next(1 << 24))).Concat((uint[])[0, 1, (1 << 24) - 1]);
        foreach (uint place in places.Where(place => place < 1 << 24))
        {
            Assert.Equal(ClutteredDigits.Poisson(mean, CounterRandom.ToUniform(place << 8)), limits.Count(limit => limit <= place));
        }
    }

    [Fact]
    public void One_pool_serves_several_sizes_and_nothing_leaks()
    {
        using var op = new OpHarness("plain");
        var options = new CorpusOptions { Size = 30, TrainCount = 50 };
        Digits digits = DataFixtures.Digits();
        var small = (ClutteredDigits)Corpus.Generate(options, digits).Train;
        var large = (ClutteredDigits)Corpus.Generate(options with { Size = 50 }, digits).Train;
        using DeviceDigits pool = small.CopyDigitsTo(op.Device);
        foreach (ClutteredDigits source in (ClutteredDigits[])[small, large])
        {
            using var samples = new DeviceSamples(pool, source.DescribeForDevice(), 2);
            samples.Make(3);
            float[] expected = new float[source.Height * source.Width];
            source.Fill(6, expected, out _, out _, []);
            Assert.Equal(expected, samples.Images.ToArray()[..expected.Length]);
        }
    }
}
