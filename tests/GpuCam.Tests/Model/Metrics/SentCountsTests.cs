using GpuCam.Model;

namespace GpuCam.Tests.Model.Metrics;

/// <summary>Counts that were written by one process and added to those of another are the counts of all images.</summary>
public sealed class SentCountsTests
{
    private const int Width = 8, Height = 6;

    [Fact]
    public void Localisation_that_was_sent_is_that_of_all_images_byte_for_byte()
    {
        Localisation[] all = [Fresh(), Fresh(), Fresh()];       // whole, and two that share the images
        for (int i = 0; i < 24; i++)
        {
            var truth = new Box(i % 4, i % 3, (i % 4) + 3, (i % 3) + 2);
            byte[] mask = [.. Enumerable.Range(0, Width * Height).Select(p => (byte)(truth.Contains(p % Width, p / Width) ? 1 : 0))];
            foreach (Localisation counts in (Localisation[])[all[0], all[1 + (i % 2)]])
            {
                counts.Add(Map(i), Width, [truth], i % 7 == 6 ? null : i % 7, mask);
            }
        }

        using BinaryReader sent = Sent(all[2].Write);
        all[1].Merge(sent);
        Assert.Equal(sent.BaseStream.Length, sent.BaseStream.Position);
        Assert.Equal(Bytes(all[0].Write), Bytes(all[1].Write));
        Assert.Equal(all[0].Result(), all[1].Result());

        static Localisation Fresh() => new(31, new ChosenThresholds(5, 3, 9, 12), new BoxHeuristic([2, 1]));
    }

    [Fact]
    public void Faithfulness_that_was_sent_is_that_of_all_images()
    {
        Faithfulness[] all = [new(steps: 3), new(steps: 3), new(steps: 3)];
        for (int i = 0; i < 6; i++)
        {
            float[] map = i == 4 ? new float[Width * Height] : Map(i);
            all[0].Add(i, Map(i + 9), map, Width, 0, Brightness);
            all[1 + (i % 2)].Add(i, Map(i + 9), map, Width, 0, Brightness);
        }

        using BinaryReader sent = Sent(all[2].Write);
        all[1].Merge(sent);
        Assert.Equal(all[0].Result(), all[1].Result());
        Assert.Equal(Bytes(all[0].Write), Bytes(all[1].Write));
    }

    [Fact]
    public void Sums_below_zero_and_beyond_a_word_come_whole()
    {
        OrderlessMean mean = default, other = default;
        mean.Add(-3e6);
        mean.Add(0.1);
        other.Add(5e9);
        using BinaryReader sent = Sent(mean.Write);
        other.Add(sent);
        mean = default;
        foreach (double figure in (double[])[5e9, 0.1, -3e6])
        {
            mean.Add(figure);
        }

        Assert.Equal(mean.Value, other.Value);
        Assert.Equal(3, other.Count);
    }

    [Fact]
    public void Images_that_another_process_has_classified_count_as_if_it_were_here()
    {
        var here = new Classification(7);
        var told = new Classification(7);
        for (int i = 0; i < 40; i++)
        {
            float[] logits = Map(i)[..7];
            int label = i % 7, predicted = here.Add(logits, label);
            told.Add(label, predicted, Ranking.PlaceOf(logits, label), Ranking.LogSumExp(logits) - logits[label]);
        }

        Assert.Equal(
            (here.Count, here.Correct, here.Top5, here.MeanLoss, here.MeanOfClasses),
            (told.Count, told.Correct, told.Top5, told.MeanLoss, told.MeanOfClasses));
    }

    private static float[] Map(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Width * Height).Select(_ => random.NextSingle() - (seed % 5 == 4 ? 1 : 0))];
    }

    private static void Brightness(ReadOnlySpan<float> images, ReadOnlySpan<int> classes, Span<double> scores)
    {
        int length = images.Length / classes.Length;
        for (int n = 0; n < classes.Length; n++)
        {
            double sum = 0;
            foreach (float value in images.Slice(n * length, length))
            {
                sum += Math.Abs(value);
            }

            scores[n] = sum / length;
        }
    }

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }

    private static BinaryReader Sent(Action<BinaryWriter> write) => new(new MemoryStream(Bytes(write)));
}
