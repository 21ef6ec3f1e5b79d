using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GpuCam.Model;

/// <summary>
/// The thread that makes all calls of MPI (which then needs no locks: MPI_THREAD_FUNNELED). It begins what is put into its queue and
/// advances what is under way: without a pause while somebody waits, now and then while the program computes, and some times a second
/// while there is nothing, for the watch over the other ranks.
/// </summary>
internal sealed unsafe class MpiThread : IDisposable
{
    // Naps grow while nothing changes: what takes long is looked at less often.
    private const uint ShortestNap = 20;
    private const uint LongestNap = 100;
    private const int IdleMilliseconds = 50;
    private const int AbortMilliseconds = 2000;

    // The launcher's own watch needs this much longer than the ranks' (docs/cluster.md sets it so).
    private const double LauncherShare = 0.4;
    private const int FinalizeMilliseconds = 10_000;

    private readonly ConcurrentQueue<MpiOperation> _queue = new();
    private readonly List<MpiOperation> _underWay = [];
    private readonly ManualResetEventSlim _wake = new();
    private readonly Thread _thread;
    private readonly double _silenceLimit;
    private readonly Action<string>? _lost;
    private MpiWatch? _watch;
    private string? _fault;
    private int _waiting;
    private uint _nap = ShortestNap;
    private volatile bool _finalizes;
    private volatile int _exitCode = -1;

    /// <summary>Starts the thread, and returns when the ranks have met.</summary>
    /// <exception cref="GpuCamException">MPI does not start.</exception>
    public MpiThread(MpiAbi abi, double silenceLimit, Action<string>? lost)
    {
        (Abi, _silenceLimit, _lost) = (abi, silenceLimit, lost);
        using var met = new ManualResetEventSlim();
        _thread = new Thread(() => Run(met)) { IsBackground = true, Name = "MPI" };
        _thread.Start();
        met.Wait();
        if (_fault is not null)
        {
            throw new GpuCamException(_fault);
        }
    }

    public MpiAbi Abi { get; }

    public int Rank { get; private set; }

    public int Size { get; private set; }

    public int LocalRank { get; private set; }

    public int LocalSize { get; private set; }

    public string Library { get; private set; } = "";

    public bool TakesDeviceMemory { get; private set; }

    /// <summary>Puts a call into the queue.</summary>
    /// <param name="name">The function's name, for errors.</param>
    /// <param name="call">What to call.</param>
    public MpiOperation Begin(string name, MpiCall call)
    {
        var operation = new MpiOperation(name, call, this);
        _queue.Enqueue(operation);
        _wake.Set();
        return operation;
    }

    /// <summary>Waits, and has the thread make no pauses meanwhile.</summary>
    public void Hurry(Task ended)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            ended.Wait();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Leaves the job in good order, together with all ranks.</summary>
    public void Dispose()
    {
        // Whoever comes first waits here, where the watch goes on, and not in MPI_Finalize.
        nint world = Abi.World;
        Begin("MPI_Ibarrier", request => LibMpi.MPI_Ibarrier(world, request)).Wait();
        _finalizes = true;
        _wake.Set();
        if (_thread.Join(FinalizeMilliseconds))
        {
            _wake.Dispose();
        }
    }

    /// <summary>Ends the job; the process with it, even if the library hangs.</summary>
    [DoesNotReturn]
    public void Abort(int exitCode)
    {
        new Thread(() => EndLater(exitCode)) { IsBackground = true }.Start();
        if (Thread.CurrentThread == _thread)
        {
            _ = LibMpi.MPI_Abort(Abi.World, exitCode);
        }
        else
        {
            _exitCode = exitCode;
            _wake.Set();
        }

        Thread.Sleep(Timeout.Infinite);
        throw new InvalidOperationException();
    }

    private static void EndLater(int exitCode)
    {
        Thread.Sleep(AbortMilliseconds);
        MpiProcess.End(exitCode);
    }

    private void Run(ManualResetEventSlim met)
    {
        Meet();
        met.Set();
        while (!_finalizes && _fault is null)
        {
            if (_exitCode >= 0)
            {
                Abort(_exitCode);
            }

            Advance();
            if (_watch?.Look() is { } lost)
            {
                End(lost);
            }

            Pause();
        }

        _watch?.Close();
        _ = LibMpi.MPI_Finalize();
    }

    private void Meet()
    {
        const int Funneled = 1;
        int provided = 0;
        nint world = Abi.World;
        int error = LibMpi.MPI_Init_thread(null, null, Funneled, &provided);
        if (error == 0 && provided < Funneled)
        {
            _fault = "this library of MPI was made for programs without threads; set GPUCAM_MPI to another one";
            return;
        }

        int rank = 0, size = 0, localRank = 0, localSize = 0;
        nint local = 0, watched = 0;
        error = error != 0 ? error : LibMpi.MPI_Comm_set_errhandler(world, Abi.ErrorsReturn);
        error = error != 0 ? error : LibMpi.MPI_Comm_rank(world, &rank);
        error = error != 0 ? error : LibMpi.MPI_Comm_size(world, &size);
        error = error != 0 ? error : LibMpi.MPI_Comm_split_type(world, Abi.SharedMemory, 0, Abi.NoInfo, &local);
        error = error != 0 ? error : LibMpi.MPI_Comm_rank(local, &localRank);
        error = error != 0 ? error : LibMpi.MPI_Comm_size(local, &localSize);
        error = error != 0 ? error : LibMpi.MPI_Comm_dup(world, &watched);
        if (error != 0)
        {
            _fault = $"MPI does not start: {MpiText.OfError(error)}";
            return;
        }

        (Rank, Size, LocalRank, LocalSize) = (rank, size, localRank, localSize);
        Library = MpiText.OfLibrary();
        TakesDeviceMemory = Abi.QueryCuda != 0 && ((delegate* unmanaged<int>)Abi.QueryCuda)() == 1;
        _watch = size > 1 && _silenceLimit > 0 ? new MpiWatch(Abi, watched, rank, size, _silenceLimit) : null;
    }

    private void Advance()
    {
        while (_queue.TryDequeue(out MpiOperation? operation))
        {
            operation.Begin();
            _underWay.Add(operation);
            _nap = ShortestNap;
        }

        for (int i = 0; i < _underWay.Count; i++)
        {
            if (_underWay[i].Advance(Abi))
            {
                _underWay.RemoveAt(i--);
                _nap = ShortestNap;
            }
        }
    }

    private void Pause()
    {
        if (_underWay.Count == 0)
        {
            _wake.Wait(IdleMilliseconds);
            _wake.Reset();
        }
        else if (Volatile.Read(ref _waiting) > 0)
        {
            // Ranks may have to share a processor: it goes to whoever has work.
            Thread.Yield();
        }
        else
        {
            _ = MpiProcess.Sleep(_nap);
            _nap = Math.Min(2 * _nap, LongestNap);
        }
    }

    // A launcher that is told what ends here waits until all of its machines know, which they never will. If it looks for them itself, it
    // is about to find out, and ends everything: until then this side of the cut tells it nothing, but for rank 0's line. The first rank
    // that leaves takes all others of its machine along, so that those without a line wait for those with one.
    private void End(string lost)
    {
        const int ExitCode = 1;
        bool speaks = Rank <= 1 || LocalRank == 0;
        var patience = TimeSpan.FromSeconds(LauncherShare * _silenceLimit);
        Thread.Sleep(Rank == 0 ? TimeSpan.Zero : speaks ? patience : patience + TimeSpan.FromSeconds(_silenceLimit));
        try
        {
            (speaks ? _lost : null)?.Invoke(lost);
        }
        finally
        {
            if (Rank > 0)
            {
                // MPI_Abort would wait for the launcher, which may be on the other side.
                MpiProcess.End(ExitCode);
            }

            Thread.Sleep(patience);
            Abort(ExitCode);
        }
    }
}
