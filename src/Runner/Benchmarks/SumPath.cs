namespace GpuCam.Runner.Benchmarks;

/// <summary>How vectors of R ranks become their sum on every rank.</summary>
public enum SumPath
{
    /// <summary>
    /// Each rank gets its slice of all, adds up, and gives it to all (MPI_Ialltoallv, MPI_Iallgatherv): a message to each of the others,
    /// twice, and as few bytes as can be. What <c>--reduce ordered</c> does.
    /// </summary>
    Ordered,

    /// <summary>
    /// Up a tree and down again, all bytes at each level. Open MPI's way for a sum in place that does not block, unless its parameter
    /// <c>coll_libnbc_iallreduce_algorithm</c> says otherwise.
    /// </summary>
    Tree,

    /// <summary>Halves are exchanged, then put together (Rabenseifner). MPICH's way for long vectors, Open MPI's number 3.</summary>
    Halving,
}

/// <summary>
/// What a path costs by the usual model, time = messages * latency + bytes / bandwidth (Hockney 1994), with the counts of Thakur,
/// Rabenseifner and Gropp, Optimization of Collective Communication Operations in MPICH, 2005.
/// </summary>
internal static class SumPaths
{
    /// <summary>Messages one after another.</summary>
    public static double Messages(this SumPath path, int ranks) => path == SumPath.Ordered ? 2 * (ranks - 1) : 2 * Levels(ranks);

    /// <summary>Times that all bytes pass a rank.</summary>
    public static double Passes(this SumPath path, int ranks) =>
        path == SumPath.Tree ? 2 * Levels(ranks) : 2 * (ranks - 1) / (double)ranks;

    /// <summary>Operations that the library is asked for.</summary>
    public static int Calls(this SumPath path) => path == SumPath.Ordered ? 2 : 1;

    /// <summary>The way of a library's own sum.</summary>
    /// <param name="library">Its name.</param>
    /// <param name="openMpiChoice">What the environment has of its parameter.</param>
    public static SumPath OfLibrary(string library, string? openMpiChoice) =>
        library.StartsWith("Open MPI", StringComparison.Ordinal) && openMpiChoice is not ("3" or "rabenseifner")
            ? SumPath.Tree : SumPath.Halving;

    private static double Levels(int ranks) => Math.Ceiling(Math.Log2(ranks));
}
