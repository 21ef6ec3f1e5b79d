namespace GpuCam.Model;

/// <summary>
/// How many boxes each predicted class may give, best class first (arXiv 1512.04150, section 3.2: two for the first, two for the
/// second, one for the third). A class's boxes are those of its largest components. An image is found when a box of the TRUE class
/// has IoU of at least 0.5, so only the rank of that class and its map matter.
/// </summary>
public sealed class BoxHeuristic(IReadOnlyList<int> boxesPerClass)
{
    /// <summary>Five classes with one box each: the plain top-5 rule.</summary>
    public static BoxHeuristic TopFive { get; } = new([1, 1, 1, 1, 1]);

    /// <summary>Boxes of the best class, the second, …</summary>
    public IReadOnlyList<int> BoxesPerClass => boxesPerClass;

    /// <summary>Whether one of the boxes that a true class of that rank may give meets a true box.</summary>
    /// <param name="found">The boxes of the true class's map, of its largest part first.</param>
    /// <param name="rank">Place of the true class among the predicted ones, 0 for the first.</param>
    /// <param name="truths">The true boxes.</param>
    public bool Finds(IReadOnlyList<Box> found, int rank, ReadOnlySpan<Box> truths)
    {
        int boxes = rank < boxesPerClass.Count ? Math.Min(boxesPerClass[rank], found.Count) : 0;
        for (int i = 0; i < boxes; i++)
        {
            if (IouLimits.Reach(found[i], truths) >= IouLimits.At50)
            {
                return true;
            }
        }

        return false;
    }
}
