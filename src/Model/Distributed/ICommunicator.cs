namespace GpuCam.Model;

/// <summary>
/// The processes ("ranks") that do one job together, each with its number. Every call but the properties is collective: all ranks make the
/// same calls in the same order, and a call returns when what this rank waits for is there. Calls come from one thread at a time.
/// </summary>
/// <remarks>
/// Operations that begin with Begin work on memory that must stay where it is, and be left alone, until <see cref="ICollective.Wait"/> has
/// returned; meanwhile the caller computes. They are done in the order in which they were begun.
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>This process: 0 … <see cref="Size"/> - 1. Rank 0 writes and reports.</summary>
    int Rank { get; }

    /// <summary>Ranks of the job; 1 where it is a process by itself.</summary>
    int Size { get; }

    /// <summary>This process among those on its machine: 0 … <see cref="LocalSize"/> - 1.</summary>
    int LocalRank { get; }

    /// <summary>Ranks of the job on this machine.</summary>
    int LocalSize { get; }

    /// <summary>What carries the messages, for people: <c>Open MPI 4.1.4</c>.</summary>
    string Description { get; }

    /// <summary>Whether floats may lie in the memory of a GPU: else they are in the host's.</summary>
    bool TakesDeviceMemory { get; }

    /// <summary>What rank 0 gives, on every rank; what others give is not looked at.</summary>
    byte[] Broadcast(ReadOnlySpan<byte> data);

    /// <summary>What each rank gives, in the order of the ranks, on rank 0; null on others. Lengths may differ.</summary>
    byte[][]? Gather(ReadOnlySpan<byte> data);

    /// <summary>What each rank gives, in the order of the ranks, on every rank. Lengths may differ.</summary>
    byte[][] AllGather(ReadOnlySpan<byte> data);

    /// <summary>Sums floats over the ranks, in place, in an order that is the library's own: the bits may depend on the number of ranks.
    /// </summary>
    /// <param name="values">Address of the floats; the sums on every rank afterwards.</param>
    /// <param name="count">How many; the same on all ranks.</param>
    ICollective BeginSum(nint values, int count);

    /// <summary>Sends a stretch of floats to each rank, and takes one from each (MPI_Alltoallv).</summary>
    /// <param name="sent">Address of what is sent.</param>
    /// <param name="sentParts">The stretch for each rank.</param>
    /// <param name="received">Address of the memory for what comes.</param>
    /// <param name="receivedParts">Where the stretch of each rank goes, and how long it is.</param>
    ICollective BeginExchange(
        nint sent, IReadOnlyList<RankStretch> sentParts, nint received, IReadOnlyList<RankStretch> receivedParts);

    /// <summary>Gives every rank the stretch of each, in place (MPI_Allgatherv).</summary>
    /// <param name="values">Address of the floats: this rank's stretch is there already.</param>
    /// <param name="parts">The stretch of each rank.</param>
    ICollective BeginGather(nint values, IReadOnlyList<RankStretch> parts);
}

/// <summary>Floats that belong to a rank.</summary>
/// <param name="First">Where they begin, in floats from the address given with them.</param>
/// <param name="Count">How many.</param>
public readonly record struct RankStretch(int First, int Count);

/// <summary>An operation under way.</summary>
public interface ICollective
{
    /// <summary>Returns when this rank's part of it is done and its memory can be used; at once if it was already.</summary>
    void Wait();
}
