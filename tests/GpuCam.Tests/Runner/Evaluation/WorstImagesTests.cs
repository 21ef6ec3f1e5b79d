using GpuCam.Runner.Evaluation;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>Which images an evaluation keeps.</summary>
public class WorstImagesTests
{
    [Fact]
    public void The_worst_of_each_kind_are_kept_the_worst_first()
    {
        var worst = new WorstImages(2);
        worst.Add(
        [
            new ImageAnswer(0, 1, 1, 0, 0.9, 0.1, 0.5), new ImageAnswer(1, 1, 2, 1, 0.6, 3, null), new ImageAnswer(2, 1, 2, 1, 0.8, 2, 0),
            new ImageAnswer(3, 1, 2, 1, 0.7, 9, 0.2),
        ]);
        Assert.Equal([3, 1], Indices(worst.HighestLoss));
        Assert.Equal([2, 3], Indices(worst.SurestErrors));
        Assert.Equal([2, 3], Indices(worst.LowestIou));
    }

    [Fact]
    public void A_right_answer_is_no_error_and_an_image_without_a_box_has_no_overlap()
    {
        var worst = new WorstImages(5);
        worst.Add([new ImageAnswer(0, 1, 1, 0, 0.9, 0.1, null)]);
        Assert.Single(worst.HighestLoss);
        Assert.Empty(worst.SurestErrors);
        Assert.Empty(worst.LowestIou);
    }

    [Fact]
    public void The_order_of_the_images_changes_nothing_also_where_many_are_equal()
    {
        var random = new Random(7);
        ImageAnswer[] answers = [.. Enumerable.Range(0, 300).Select(i =>
            new ImageAnswer(i, 0, random.Next(2), 0, random.Next(4) / 4.0, random.Next(5), random.Next(3) / 3.0))];
        var inOrder = new WorstImages(9);
        inOrder.Add(answers);
        Assert.Equal(
            answers.OrderByDescending(answer => answer.Loss).ThenBy(answer => answer.Index).Take(9), inOrder.HighestLoss);
        for (int i = 0; i < 5; i++)
        {
            random.Shuffle(answers);
            var shuffled = new WorstImages(9);
            foreach (ImageAnswer[] batch in answers.Chunk(50))
            {
                shuffled.Add(batch);
            }

            Assert.Equal(inOrder.HighestLoss, shuffled.HighestLoss);
            Assert.Equal(inOrder.SurestErrors, shuffled.SurestErrors);
            Assert.Equal(inOrder.LowestIou, shuffled.LowestIou);
        }
    }

    private static IEnumerable<int> Indices(IReadOnlyList<ImageAnswer> answers) => answers.Select(answer => answer.Index);
}
