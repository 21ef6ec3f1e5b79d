using GpuCam.Model;
using GpuCam.Runner.Training;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Runner.Training;

/// <summary>How a head is fitted, and its penalty chosen.</summary>
public sealed class HeadFitterTests
{
    [Fact]
    public void Every_fifth_picture_of_a_class_is_held_out_and_of_a_small_class_the_last_but_never_the_only_one()
    {
        int[] labels = [0, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0];
        bool[] held = HeadFitter.HeldOut(labels);
        Assert.Equal([5, 6, 12], Enumerable.Range(0, labels.Length).Where(i => held[i]));
    }

    [Fact]
    public void Of_penalties_that_are_equally_good_the_largest_is_taken()
    {
        var entries = new List<HeadEntry>();
        LabelledFeatures train = Classes(30, noise: 0.01f, seed: 1);
        HeadWeights head = new HeadFitter(train, Classes(20, 0.01f, 2), 3).Fit(null, entries.Add, CancellationToken.None);
        Assert.Equal(HeadFitter.Penalties.Append(1), entries.Select(entry => entry.Penalty));
        Assert.Equal(Enumerable.Range(1, HeadFitter.Penalties.Count + 1), entries.Select(entry => entry.Step));
        Assert.All(entries.SkipLast(1), entry => Assert.Equal(1, entry.ValidationClassAccuracy));
        Assert.Null(entries[^1].ValidationAccuracy);
        Assert.Equal(1, train.Test(head).MeanOfClasses);
    }

    [Fact]
    public void The_penalty_of_the_best_validation_is_taken_and_the_head_fitted_on_all_training_pictures()
    {
        var entries = new List<HeadEntry>();
        LabelledFeatures train = Classes(40, noise: 2, seed: 3, channels: 40);
        var fitter = new HeadFitter(train, null, 3);
        HeadWeights head = fitter.Fit(null, entries.Add, CancellationToken.None);
        double best = entries.Max(entry => entry.ValidationClassAccuracy ?? 0);
        Assert.True(best < 1);
        Assert.Equal(entries.First(entry => entry.ValidationClassAccuracy == best).Penalty, entries[^1].Penalty);

        var again = new List<HeadEntry>();
        HeadWeights given = fitter.Fit(entries[^1].Penalty, again.Add, CancellationToken.None);
        Assert.Equal(entries[^1] with { Step = 1 }, Assert.Single(again));
        Assert.Equal(head.Weight, given.Weight);
        Assert.Equal(head.Bias, given.Bias);
    }

    [Fact]
    public void Without_a_picture_to_choose_on_a_penalty_must_be_given()
    {
        var fitter = new HeadFitter(new LabelledFeatures([1, 2, 3], [0, 1, 2]), null, 3);
        GpuCamException error = Assert.Throws<GpuCamException>(() => fitter.Fit(null, _ => { }, CancellationToken.None));
        Assert.Contains("give --penalty", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, fitter.Fit(0.01, _ => { }, CancellationToken.None).Classes);
    }

    /// <summary>Three classes, each with a channel of its own that is larger by 1.</summary>
    private static LabelledFeatures Classes(int count, float noise, int seed, int channels = 6)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(n => n % 3)];
        float[] features = OpHarness.Random(count * channels, seed, -noise, noise);
        for (int n = 0; n < count; n++)
        {
            features[(n * channels) + labels[n]] += 1;
        }

        return new LabelledFeatures(features, labels);
    }
}
