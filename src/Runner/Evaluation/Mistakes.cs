using GpuCam.Model;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// What lies off the diagonal of a confusion matrix, as a list: of a thousand classes that is a few thousand pairs, where the matrix
/// would be a million numbers.
/// </summary>
internal static class Mistakes
{
    /// <summary>
    /// Triples of true class, predicted class and count: the most frequent first, of equals those that are a larger share of their true
    /// class, then in the order of the classes.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<long>> Of(Classification classification)
    {
        int classes = classification.ClassCount;
        var pairs = new List<(long[] Pair, double Share)>();
        for (int label = 0; label < classes; label++)
        {
            long all = classification.CountOf(label);
            for (int predicted = 0; predicted < classes; predicted++)
            {
                if (predicted != label && classification.Confusion(label, predicted) is > 0 and long count)
                {
                    pairs.Add(([label, predicted, count], (double)count / all));
                }
            }
        }

        // A stable order: what is equal stays as it was found.
        return [.. pairs.OrderByDescending(entry => entry.Pair[2]).ThenByDescending(entry => entry.Share).Select(entry => entry.Pair)];
    }
}
