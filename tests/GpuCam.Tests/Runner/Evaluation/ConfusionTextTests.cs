using GpuCam.Model;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>What is taken for what, as a list and for a terminal.</summary>
public class ConfusionTextTests
{
    [Fact]
    public void Pairs_go_by_count_then_by_their_share_then_by_class()
    {
        var counts = new Classification(4);
        Add(counts, (0, 0, 1), (0, 1, 2), (1, 0, 2), (1, 3, 1), (2, 3, 2), (3, 3, 5));
        Assert.Equal([[2, 3, 2], [0, 1, 2], [1, 0, 2], [1, 3, 1]], Mistakes.Of(counts));
    }

    [Fact]
    public void Of_many_classes_the_worst_are_written_with_names_that_fit_a_line()
    {
        var counts = new Classification(1000);
        for (int label = 0; label < 998; label++)
        {
            Add(counts, (label, label, 9), (label, label + 1, 1));
        }

        Add(counts, (998, 1, 40), (998, 998, 10));
        string[] names = [.. Enumerable.Range(0, 1000).Select(i => $"{i} {new string('x', 60)}")];
        names[1] = "שלום\u001b[31m\n<b>";
        string[] lines = Written(counts, names);
        Assert.StartsWith("accuracy by class: 89.93 % in the mean of 999; the worst", lines[0], StringComparison.Ordinal);
        Assert.Matches("^998 x{25}… +50 +20.0 %$", lines[2]);
        Assert.Contains(lines, line => line.StartsWith($"998 {new string('x', 25)}…  שלום?[31m?<b>", StringComparison.Ordinal)
            && line.EndsWith("  40        80.0 %", StringComparison.Ordinal));
        Assert.Contains("and 984 more pairs of classes; --json has all of them", lines);
        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public void Of_few_classes_the_matrix_is_written_with_names_that_fit_a_line()
    {
        var counts = new Classification(2);
        Add(counts, (0, 0, 3), (1, 0, 1));
        string[] lines = Written(counts, [new string('y', 60), "\U0001F98A\u0007"]);
        Assert.Equal(new string('y', 29) + "…100.0 %    3    ·", lines[2]);
        Assert.StartsWith("\U0001F98A? ", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("    1    ·", lines[3], StringComparison.Ordinal);
    }

    private static string[] Written(Classification counts, string[] names)
    {
        int classes = counts.ClassCount;
        using var text = new StringWriter();
        ConfusionText.Write(text, new EvaluationResult
        {
            Images = (int)counts.Count, Accuracy = counts.Accuracy, Loss = 0, ImagesPerSecond = 1, Maps = [],
            ClassAccuracy = [.. Enumerable.Range(0, classes).Select(counts.AccuracyOf)],
            ClassImages = [.. Enumerable.Range(0, classes).Select(counts.CountOf)],
            Mistakes = Mistakes.Of(counts),
            Confusion = classes > EvaluationResult.MostInMatrix ? null : [.. Enumerable.Range(0, classes)
                .Select(label => (long[])[.. Enumerable.Range(0, classes).Select(p => counts.Confusion(label, p))])],
        }, names);
        return text.ToString().ReplaceLineEndings("\n").Split('\n');
    }

    private static void Add(Classification counts, params (int Label, int Predicted, int Count)[] images)
    {
        float[] logits = new float[counts.ClassCount];
        foreach ((int label, int predicted, int count) in images)
        {
            logits[predicted] = 1;
            for (int i = 0; i < count; i++)
            {
                counts.Add(logits, label);
            }

            logits[predicted] = 0;
        }
    }
}
