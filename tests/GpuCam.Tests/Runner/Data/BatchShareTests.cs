using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Runner.Data;

/// <summary>Ranks that make a part of each batch, or some of the batches, make together what one process makes.</summary>
public sealed class BatchShareTests
{
    private static readonly CorpusOptions s_options = new() { Size = 28, Distractors = 2, TrainCount = 23, TestCount = 40 };
    private static readonly ISampleSource s_source = Corpus.Generate(s_options, DataFixtures.Digits()).Train;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Parts_of_a_batch_are_the_batch(bool shuffled)
    {
        BatchPlan whole = shuffled ? BatchPlan.Training(s_source.Count, 9, seed: 4) with { TellsEpoch = true }
            : new BatchPlan(s_source.Count, 9, null, Endless: true);
        (int First, int Count)[] parts = [(0, 2), (2, 4), (6, 3)];
        for (long step = 0; step < 11; step++)
        {
            int[] expected = new int[9];
            whole.Indices(step, expected);
            Assert.Equal(expected, parts.SelectMany(part => Indices(whole with { Part = part }, step)));
        }

        Assert.Equal(whole.StepsOf(3), (whole with { Part = parts[0] }).StepsOf(3));
    }

    [Theory]
    [InlineData(1, 23)]
    [InlineData(2, 23)]
    [InlineData(3, 4)]
    [InlineData(8, 23)]
    public void Batches_taken_by_turns_are_all_batches(int ranks, int samples)
    {
        var whole = BatchPlan.SinglePass(samples, 5);
        BatchPlan[] turns = [.. Enumerable.Range(0, ranks).Select(rank => whole with { Turn = (rank, ranks) })];
        Assert.Equal(whole.Steps, turns.Sum(turn => turn.Steps));
        for (int batch = 0; batch < whole.Steps; batch++)
        {
            Assert.Equal(Indices(whole, batch), Indices(turns[batch % ranks], batch / ranks));
        }

        Assert.All(turns, turn => Assert.Equal(0, turn.CountOf(turn.Steps)));
    }

    [Fact]
    public void A_loader_of_a_part_holds_no_more_than_the_part()
    {
        var whole = BatchPlan.Training(s_source.Count, 9, seed: 4);
        using var all = new BatchLoader(s_source, whole, firstStep: 2);
        using var loader = new BatchLoader(s_source, whole with { Part = (3, 4) }, firstStep: 2);
        using SampleBatch expected = all.Take()!, batch = loader.Take()!;
        int length = s_source.Height * s_source.Width;
        Assert.Equal(4 * length, batch.Images.Length);
        Assert.Equal(expected.Images.AsSpan(3 * length, 4 * length).ToArray(), batch.Images);
        Assert.Equal(expected.Labels[3..7], batch.Labels);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_device_makes_the_part_that_the_host_makes(string device)
    {
        var source = (ClutteredDigits)s_source;
        using var op = new OpHarness(device);
        using DeviceDigits digits = source.CopyDigitsTo(op.Device);
        using var whole = new DeviceSamples(digits, source.DescribeForDevice(), 9);
        using var part = new DeviceSamples(digits, source.DescribeForDevice(), 9, (3, 4));
        int length = source.Height * source.Width;
        foreach (long step in (long[])[0, 1, 7])
        {
            whole.Make(step);
            part.Make(step);
            Assert.Equal(new Shape(4, source.Height, source.Width, 1), part.Images.Shape);
            Assert.Equal(whole.Images.ToArray()[(3 * length)..(7 * length)], part.Images.ToArray());
            Assert.Equal(whole.Labels.ToArray()[3..7], part.Labels.ToArray());
        }
    }

    private static int[] Indices(BatchPlan plan, long step)
    {
        int[] indices = new int[plan.CountOf(step)];
        plan.Indices(step, indices);
        return indices;
    }
}
