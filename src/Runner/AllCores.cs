using System.Runtime.ExceptionServices;

namespace GpuCam.Runner;

/// <summary>A loop over all cores that are this process's own, whose errors surface as themselves.</summary>
internal static class AllCores
{
    /// <summary>How many: those of the machine, or what a rank of a job has of them.</summary>
    public static int Count { get; internal set; } = Environment.ProcessorCount;

    /// <summary>
    /// Calls <paramref name="body"/> for 0 … <paramref name="count"/> - 1. Of several errors one is thrown, rather one for the user.
    /// </summary>
    public static void For(int count, Action<int> body, CancellationToken cancellation = default)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Count }, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions.OfType<GpuCamException>().FirstOrDefault() ?? e.InnerExceptions[0]);
        }
    }
}
