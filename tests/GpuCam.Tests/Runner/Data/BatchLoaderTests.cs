using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public class BatchLoaderTests
{
    private static readonly CorpusOptions s_options = new() { Size = 33, Distractors = 3, TrainCount = 101, TestCount = 40 };
    private static readonly ISampleSource s_source = Corpus.Generate(s_options, DataFixtures.Digits()).Train;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(4, 2)]
    [InlineData(7, 11)]
    public void Batches_are_the_same_for_any_number_of_threads(int workers, int ahead)
    {
        var plan = BatchPlan.Training(s_source.Count, 16, seed: 5);
        using var loader = new BatchLoader(s_source, plan, workers: workers, ahead: ahead, masks: true);
        int[] indices = new int[16];
        float[] image = new float[33 * 33];
        byte[] mask = new byte[33 * 33];
        for (int step = 0; step < 25; step++)
        {
            using SampleBatch batch = loader.Take()!;
            plan.Indices(step, indices);
            Assert.Equal((step, 16), (batch.Step, batch.Count));
            Assert.Equal(indices, batch.Indices);
            for (int n = 0; n < 16; n++)
            {
                s_source.Fill(indices[n], image, out int label, out Box? box, mask);
                Assert.Equal(label, batch.Labels[n]);
                Assert.Equal(box, batch.Boxes[n]);
                Assert.True(batch.Image(n).SequenceEqual(image));
                Assert.True(batch.Mask(n).SequenceEqual(mask));
            }
        }
    }

    [Fact]
    public void A_resumed_loader_goes_on_with_the_very_batch()
    {
        var plan = BatchPlan.Training(s_source.Count, 16, seed: 5);
        using var whole = new BatchLoader(s_source, plan);
        for (int step = 0; step < 9; step++)
        {
            whole.Take()!.Dispose();
        }

        using var resumed = new BatchLoader(s_source, plan, firstStep: 9, workers: 2);
        for (int step = 9; step < 15; step++)
        {
            using SampleBatch expected = whole.Take()!;
            using SampleBatch batch = resumed.Take()!;
            Assert.Equal(step, batch.Step);
            Assert.Equal(expected.Indices, batch.Indices);
            Assert.Equal(expected.Images, batch.Images);
        }
    }

    [Fact]
    public void An_endless_plan_takes_every_sample_once_per_epoch_in_a_new_order()
    {
        var plan = BatchPlan.Training(101, 16, seed: 5);
        int[] indices = new int[16];
        var stream = new List<int>();
        for (int step = 0; step < 13; step++)
        {
            plan.Indices(step, indices);
            stream.AddRange(indices);
        }

        Assert.Equal(Enumerable.Range(0, 101), stream.Take(101).Order());
        Assert.Equal(Enumerable.Range(0, 101), stream.Skip(101).Take(101).Order());
        Assert.NotEqual(stream.Take(101), stream.Skip(101).Take(101));
        Assert.Equal(7, plan.StepsOf(1));
        Assert.Equal(64, plan.StepsOf(10));
        Assert.Equal(7 * 16 / 101.0, plan.EpochsAfter(7));
    }

    [Fact]
    public void An_order_without_a_seed_is_the_sources_own()
    {
        var plan = new BatchPlan(5, 3, null, Endless: true);
        int[] indices = new int[3];
        plan.Indices(1, indices);
        Assert.Equal([3, 4, 0], indices);
    }

    [Fact]
    public void A_single_pass_ends_with_a_smaller_batch()
    {
        using var loader = new BatchLoader(s_source, BatchPlan.SinglePass(40, 16), workers: 3);
        var seen = new List<int>();
        var counts = new List<int>();
        while (loader.Take() is { } batch)
        {
            using (batch)
            {
                counts.Add(batch.Count);
                seen.AddRange(batch.Indices.Take(batch.Count));
                Assert.Equal(batch.Count * 33 * 33, batch.UsedImages.Length);
                Assert.Equal(batch.Count, batch.UsedLabels.Length);
            }
        }

        Assert.Equal([16, 16, 8], counts);
        Assert.Equal(Enumerable.Range(0, 40), seen);
        Assert.Null(loader.Take());
    }

    [Fact]
    public void An_error_in_the_source_surfaces_when_its_batch_is_taken_and_stays()
    {
        using var loader = new BatchLoader(new Faulty(at: 37), new BatchPlan(100, 10, null, Endless: true), workers: 3, ahead: 6);
        for (int step = 0; step < 3; step++)
        {
            loader.Take()!.Dispose();
        }

        Assert.Equal("sample 37", Assert.Throws<GpuCamException>(() => loader.Take()).Message);
        Assert.Equal("sample 37", Assert.Throws<GpuCamException>(() => loader.Take()).Message);
    }

    [Fact]
    public void Waiting_ends_when_cancelled_and_disposing_ends_the_threads()
    {
        using var gate = new ManualResetEventSlim();
        var loader = new BatchLoader(new Faulty(wait: gate), new BatchPlan(100, 10, null, Endless: true), workers: 2);
        using var cancellation = new CancellationTokenSource(50);
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Take(cancellation.Token));
        gate.Set();
        using (SampleBatch batch = loader.Take()!)
        {
            Assert.Equal(0, batch.Step);
        }

        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loader.Take());
        loader.Dispose();
    }

    [Fact]
    public void No_more_batches_are_made_ahead_than_asked_for_and_their_memory_is_used_again()
    {
        var source = new Faulty();
        using var loader = new BatchLoader(source, new BatchPlan(100, 10, null, Endless: true), workers: 2, ahead: 3);
        var arrays = new HashSet<float[]>();
        for (int step = 0; step < 50; step++)
        {
            using SampleBatch batch = loader.Take()!;
            arrays.Add(batch.Images);
            Assert.InRange(source.Filled, 0, 10 * (step + 1 + 3));
        }

        Assert.InRange(arrays.Count, 1, 5);
    }

    [Fact]
    public void Batches_that_are_kept_do_not_stop_the_loader()
    {
        using var loader = new BatchLoader(s_source, BatchPlan.SinglePass(101, 10), workers: 1, ahead: 1);
        SampleBatch[] kept = [.. Enumerable.Range(0, 11).Select(_ => loader.Take()!)];
        Assert.Equal(Enumerable.Range(0, 101), kept.SelectMany(batch => batch.Indices.Take(batch.Count)));
    }

    private sealed class Faulty(int at = -1, ManualResetEventSlim? wait = null) : ISampleSource
    {
        private int _filled;

        public int Filled => Volatile.Read(ref _filled);

        public int Count => 100;

        public int Height => 2;

        public int Width => 2;

        public int Channels => 1;

        public IReadOnlyList<string> ClassNames => DataFixtures.ClassNames;

        public string Description => "test";

        public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
        {
            wait?.Wait();
            if (index == at)
            {
                throw new GpuCamException($"sample {index}");
            }

            Interlocked.Increment(ref _filled);
            image.Fill(index);
            label = index % 10;
            box = null;
        }
    }
}
