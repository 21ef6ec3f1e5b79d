using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class ClassificationTests
{
    [Fact]
    public void Counts_are_those_of_a_case_worked_by_hand()
    {
        var metrics = new Classification(3);
        Assert.Equal((0.0, 0.0, null), (metrics.Accuracy, metrics.MeanLoss, metrics.AccuracyOf(0)));
        metrics.AddBatch([1, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 5], [0, 1, 1, 1]);
        Assert.Equal((4, 2, 0.5), (metrics.Count, metrics.Correct, metrics.Accuracy));
        Assert.Equal(1, metrics.Confusion(1, 0));
        Assert.Equal(1, metrics.Confusion(1, 2));
        Assert.Equal(0, metrics.Confusion(0, 1));
        Assert.Equal(1.0, metrics.AccuracyOf(0));
        Assert.Equal(1.0 / 3, metrics.AccuracyOf(1));
        Assert.Null(metrics.AccuracyOf(2));
        double expected = Math.Log(Math.E + 2) - 1 + Math.Log(Math.Exp(2) + 2) - 2 + Math.Log(Math.Exp(3) + 2) + Math.Log(Math.Exp(5) + 2);
        Assert.Equal(expected / 4, metrics.MeanLoss, 12);
    }

    [Fact]
    public void Logits_and_labels_that_do_not_fit_are_refused_and_count_nothing()
    {
        var metrics = new Classification(3);
        Assert.StartsWith("2 logits for 3 classes", Assert.Throws<ArgumentException>(() => metrics.Add([1, 2], 0)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.Add([1, 2, 3], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.Add([1, 2, 3], 3));
        Assert.Equal(0, metrics.Count);
        Assert.Equal(2, metrics.Add([1, 2, 3], 2));
        Assert.Equal((3, 1L, 1L, 1L), (metrics.ClassCount, metrics.Count, metrics.Correct, metrics.CountOf(2)));
    }

    [Fact]
    public void Huge_logits_have_a_finite_loss()
    {
        var metrics = new Classification(2);
        metrics.Add([3e38f, -3e38f], 0);
        Assert.Equal(0, metrics.MeanLoss);
    }

    [Fact]
    public void The_first_of_equal_logits_wins_and_NaN_never_does()
    {
        Assert.Equal(1, Ranking.IndexOfMax([float.NaN, 2, 2, 1]));
        Assert.Equal(-1, Ranking.IndexOfMax([float.NaN]));
        Assert.Equal([3, 0, 2], Ranking.Top([2, 1, 2, 9], 3));
        Assert.Throws<ArgumentException>(() => new Classification(1).Add([float.NaN], 0));
    }

    [Fact]
    public void Softmax_sums_to_one()
    {
        double[] probabilities = Ranking.Softmax([1, 2, 1000]);
        Assert.Equal(1, probabilities.Sum(), 12);
        Assert.Equal(1, probabilities[2], 12);
    }
}
