using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// The ranks that a launcher of MPI (mpirun, mpiexec, srun) started, by the library of MPI that is installed: Open MPI 4 and 5, MPICH and
/// what has its ABI. A thread of its own makes all calls, so that messages travel while the program computes.
/// </summary>
/// <remarks>
/// Environment variables: <c>GPUCAM_MPI</c> names the library's path, <c>GPUCAM_RANK_TIMEOUT</c> the seconds of silence after which a rank
/// is lost (15; 0 to wait for ever).
/// </remarks>
public sealed unsafe class MpiCommunicator : ICommunicator
{
    private readonly MpiThread _thread;
    private readonly MpiAbi _abi;
    private bool _closed;

    private MpiCommunicator(MpiThread thread) => (_thread, _abi) = (thread, thread.Abi);

    /// <summary>
    /// Which rank of how many this process is, by the word of its launcher, before anything of MPI is loaded; null where none started it.
    /// The size is null where the launcher does not tell it.
    /// </summary>
    public static (int Rank, int? Size)? Launched =>
        MpiLaunch.Of(Environment.GetEnvironmentVariable) is { } launch ? (launch.Rank ?? 0, launch.Size) : null;

    /// <inheritdoc/>
    public int Rank => _thread.Rank;

    /// <inheritdoc/>
    public int Size => _thread.Size;

    /// <inheritdoc/>
    public int LocalRank => _thread.LocalRank;

    /// <inheritdoc/>
    public int LocalSize => _thread.LocalSize;

    /// <inheritdoc/>
    public string Description => _thread.Library;

    /// <inheritdoc/>
    public bool TakesDeviceMemory => _thread.TakesDeviceMemory;

    /// <summary>
    /// Meets the other ranks, once in a process; null, and nothing is loaded, where no launcher of MPI started it.
    /// </summary>
    /// <param name="lost">Called, on a thread of its own, with a line for the user when ranks are silent for too long: on rank 0 with
    /// theirs; when it is rank 0, some seconds later, on rank 1 and the first of each machine. The job then ends with exit code 1; who
    /// waits for messages waits until then.</param>
    /// <exception cref="GpuCamException">There is no library of MPI, or not the launcher's.</exception>
    public static MpiCommunicator? Join(Action<string>? lost = null)
    {
        if (MpiLaunch.Of(Environment.GetEnvironmentVariable) is not { } launch)
        {
            return null;
        }

        try
        {
            return Join(launch, lost);
        }
        catch (GpuCamException) when (launch.Rank > 0)
        {
            // Most faults are every rank's. Rank 0 tells them at once, and its end is that of the others, before they say the same.
            Thread.Sleep(TimeSpan.FromSeconds(3));
            throw;
        }
    }

    /// <summary>
    /// Ends the job: all ranks, and the launcher, with this exit code. Within two seconds this process is gone, even if no other can be
    /// reached.
    /// </summary>
    [DoesNotReturn]
    public void Abort(int exitCode) => _thread.Abort(exitCode);

    /// <inheritdoc/>
    public byte[] Broadcast(ReadOnlySpan<byte> data)
    {
        long* length = stackalloc long[] { data.Length };
        BroadcastBytes((nint)length, sizeof(long));
        byte[] all = Rank == 0 ? data.ToArray() : new byte[*length];
        fixed (byte* address = all)
        {
            BroadcastBytes((nint)address, all.Length);
        }

        return all;
    }

    /// <inheritdoc/>
    /// <exception cref="GpuCamException">All of it together is more than an array holds, 2 GiB.</exception>
    public byte[][]? Gather(ReadOnlySpan<byte> data)
    {
        int[] places = Places(data.Length, out int total);
        byte[] all = new byte[Rank == 0 ? total : 0];
        fixed (byte* sent = data, received = all)
        {
            (nint from, nint to, int count) = ((nint)sent, (nint)received, data.Length);
            _thread.Begin("MPI_Igatherv", request => LibMpi.MPI_Igatherv(
                from, count, _abi.Byte, to, Address(places), Address(places) + Size, _abi.Byte, 0, _abi.World, request)).Wait();
        }

        return Rank == 0 ? Parts(all, places) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="GpuCamException">All of it together is more than an array holds, 2 GiB.</exception>
    public byte[][] AllGather(ReadOnlySpan<byte> data)
    {
        int[] places = Places(data.Length, out int total);
        byte[] all = new byte[total];
        data.CopyTo(all.AsSpan(places[Size + Rank]));
        fixed (byte* address = all)
        {
            AllGatherInPlace((nint)address, _abi.Byte, places).Wait();
        }

        return Parts(all, places);
    }

    /// <inheritdoc/>
    public ICollective BeginSum(nint values, int count) =>
        _thread.Begin("MPI_Iallreduce", request => LibMpi.MPI_Iallreduce(
            _abi.InPlace, values, count, _abi.Float, _abi.Sum, _abi.World, request));

    /// <inheritdoc/>
    public ICollective BeginExchange(
        nint sent, IReadOnlyList<RankStretch> sentParts, nint received, IReadOnlyList<RankStretch> receivedParts)
    {
        ArgumentNullException.ThrowIfNull(sentParts);
        ArgumentNullException.ThrowIfNull(receivedParts);
        int[] gone = Places(sentParts), come = Places(receivedParts);
        return _thread.Begin("MPI_Ialltoallv", request => LibMpi.MPI_Ialltoallv(
            sent, Address(gone), Address(gone) + Size, _abi.Float,
            received, Address(come), Address(come) + Size, _abi.Float, _abi.World, request));
    }

    /// <inheritdoc/>
    public ICollective BeginGather(nint values, IReadOnlyList<RankStretch> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return AllGatherInPlace(values, _abi.Float, Places(parts));
    }

    /// <summary>Leaves the job together with all ranks: waits for them. A rank that fails calls <see cref="Abort"/> instead.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _thread.Dispose();
        }
    }

    private static MpiCommunicator Join(MpiLaunch launch, Action<string>? lost)
    {
        MpiProcess.KeepSignals();
        MpiAbi abi = MpiLibrary.Load(launch, Environment.GetEnvironmentVariable(MpiLibrary.Variable));
        double silence = MpiWatch.Limit(Environment.GetEnvironmentVariable(MpiWatch.Variable));
        var ranks = new MpiCommunicator(new MpiThread(abi, silence, lost));
        if (launch.Size is { } size && size != ranks.Size)
        {
            ranks.Dispose();
            throw new GpuCamException(launch.Mismatch(ranks.Description, ranks.Size));
        }

        ranks.Connect();
        return ranks;
    }

    // Libraries connect ranks when they first have something to say to each other. Should there be no way by then, they end the process in
    // words of their own; on a connection that is there, what is lost is silence, which is watched.
    private void Connect()
    {
        const int Most = 64;
        if (Size <= Most)
        {
            float[] values = GC.AllocateArray<float>(2 * Size, pinned: true);
            RankStretch[] stretches = [.. Enumerable.Range(0, Size).Select(rank => new RankStretch(rank, 1))];
            fixed (float* address = values)
            {
                BeginExchange((nint)address, stretches, (nint)(address + Size), stretches).Wait();
            }
        }
    }

    // Counts, then firsts: in memory that stays where it is, as the library reads them for as long as the call is under way.
    private static int* Address(int[] places) => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(places));

    private int[] Places(Func<int, (int Count, int First)> ofRank)
    {
        int[] places = GC.AllocateUninitializedArray<int>(2 * Size, pinned: true);
        for (int rank = 0; rank < Size; rank++)
        {
            (places[rank], places[Size + rank]) = ofRank(rank);
        }

        return places;
    }

    private int[] Places(IReadOnlyList<RankStretch> stretches) =>
        stretches.Count == Size
            ? Places(rank => (stretches[rank].Count, stretches[rank].First))
            : throw new ArgumentException($"{stretches.Count} stretches for {Size} ranks", nameof(stretches));

    private int[] Places(int own, out int total)
    {
        long* lengths = stackalloc long[Size];
        lengths[Rank] = own;
        AllGatherInPlace((nint)lengths, _abi.Byte, Places(rank => (sizeof(long), sizeof(long) * rank))).Wait();
        long sum = 0;
        int[] places = GC.AllocateUninitializedArray<int>(2 * Size, pinned: true);
        for (int rank = 0; rank < Size; rank++)
        {
            places[rank] = (int)lengths[rank];
            places[Size + rank] = (int)Math.Min(sum, int.MaxValue);
            sum += lengths[rank];
        }

        total = sum <= Array.MaxLength ? (int)sum : throw new GpuCamException(
            $"the ranks gather {sum / 1e9:0.0} GB at once, and 2.1 is the most: give each of them less to do");
        return places;
    }

    private byte[][] Parts(byte[] all, int[] places) =>
        [.. Enumerable.Range(0, Size).Select(rank => all.AsSpan(places[Size + rank], places[rank]).ToArray())];

    private MpiOperation AllGatherInPlace(nint values, nint type, int[] places) =>
        _thread.Begin("MPI_Iallgatherv", request => LibMpi.MPI_Iallgatherv(
            _abi.InPlace, 0, type, values, Address(places), Address(places) + Size, type, _abi.World, request));

    private void BroadcastBytes(nint address, int count) =>
        _thread.Begin("MPI_Ibcast", request => LibMpi.MPI_Ibcast(address, count, _abi.Byte, 0, _abi.World, request)).Wait();
}
