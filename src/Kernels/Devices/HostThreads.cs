using System.Diagnostics;

namespace GpuCam.Kernels;

/// <summary>
/// A fixed crew of threads, the caller being one of them. Work is cut into numbered parts; each worker begins with its own stretch of
/// them, the same every time, so that what it wrote last lies in its cache, and then helps out with what others have left. What a part
/// is depends on the thread count alone and never on who does it, and so do the bits of a result.
/// </summary>
/// <remarks>
/// Networks are made of ops of 20 to 500 microseconds: a helper that is done looks out for the next one for a while before it sleeps,
/// and so does the caller for the last helper. A helper that wakes too late for a job finds nothing of it left and holds nobody up.
/// One caller at a time.
/// </remarks>
public sealed class HostThreads : IDisposable
{
    /// <summary>Parts of a range for each thread: one that is interrupted leaves most of its share to the others.</summary>
    private const int PartsPerThread = 4;

    /// <summary>Items of a part from which on parts begin at multiples of <see cref="Line"/>.</summary>
    private const int Many = 256;

    /// <summary>Floats in a cache line: no two parts of an elementwise op share one if its tensor begins at one.</summary>
    private const int Line = 16;

    private static readonly long s_patience = Stopwatch.Frequency * 50 / 1_000_000;

    private readonly Thread[] _helpers;
    private readonly HostJob _parts;
    private readonly SemaphoreSlim[] _wake;
    private readonly SemaphoreSlim _done = new(0);
    private readonly int[] _asleep;
    private readonly bool _spins;
    private readonly HostPlaces? _places;
    private int _job, _callerSleeps;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="count"/> - 1 helpers; 0 means one thread per core.</summary>
    /// <param name="count">Threads, the caller included.</param>
    /// <param name="ownProcessors">Whether no other process computes on the processors that this one may run on: only then do helpers stay
    /// on one each.</param>
    public HostThreads(int count, bool ownProcessors = true)
    {
        Count = count > 0 ? count : Environment.ProcessorCount;
        _spins = Count <= Environment.ProcessorCount;
        _helpers = new Thread[Count - 1];
        _parts = new HostJob(Count);
        _wake = new SemaphoreSlim[Count];
        _asleep = new int[Count];
        _places = ownProcessors ? HostPlaces.Create(Count) : null;
        for (int i = 0; i < _helpers.Length; i++)
        {
            int worker = i + 1;
            _wake[worker] = new SemaphoreSlim(0);
            _helpers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"gpucam-host-{worker}" };
            _helpers[i].Start();
        }
    }

    /// <summary>Number of threads, the caller included.</summary>
    public int Count { get; }

    /// <summary>Calls <paramref name="body"/> once for each worker 0 … <see cref="Count"/> - 1, at the same time, and waits.</summary>
    public void Run(Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (_helpers.Length == 0)
        {
            body(0);
            return;
        }

        _parts.Own(body);
        Finish();
    }

    /// <summary>Calls <paramref name="body"/> once for each part 0 … <paramref name="parts"/> - 1, on whoever is free, and waits.</summary>
    public void Parts(int parts, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (parts <= 1 || _helpers.Length == 0)
        {
            for (int part = 0; part < parts; part++)
            {
                body(part);
            }

            return;
        }

        _parts.Deal(parts, body);
        Finish();
    }

    /// <summary>
    /// Splits 0 … <paramref name="count"/> - 1 into ranges, a few for each thread, and calls <paramref name="range"/> with (start, end).
    /// </summary>
    public void For(int count, Action<int, int> range)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (count <= 0)
        {
            return;
        }

        if (count == 1 || _helpers.Length == 0)
        {
            range(0, count);
            return;
        }

        int size = ((count - 1) / Math.Min(count, PartsPerThread * Count)) + 1;
        size = size < Many ? size : (size + Line - 1) / Line * Line;
        _parts.Deal(count, size, range);
        Finish();
    }

    /// <summary>Ends the helpers.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        foreach (Thread helper in _helpers)
        {
            _wake[Array.IndexOf(_helpers, helper) + 1].Release();
            helper.Join();
        }

        foreach (SemaphoreSlim? wake in _wake)
        {
            wake?.Dispose();
        }

        _done.Dispose();
    }

    /// <summary>Lets all begin, takes the caller's share and waits for the others.</summary>
    private void Finish()
    {
        _places?.MakeRoom();
        Interlocked.Increment(ref _job);
        for (int worker = 1; worker < Count; worker++)
        {
            if (Volatile.Read(ref _asleep[worker]) != 0 && Interlocked.Exchange(ref _asleep[worker], 0) != 0)
            {
                _wake[worker].Release();
            }
        }

        _parts.Take(0);
        Await();
        _parts.End();
    }

    private void Await()
    {
        for (long start = Stopwatch.GetTimestamp(); _spins && Stopwatch.GetTimestamp() - start < s_patience;)
        {
            if (_parts.Left == 0)
            {
                return;
            }

            Thread.SpinWait(1);
        }

        // A helper that finished an earlier job may wake the caller only now: so look again.
        while (_parts.Left != 0)
        {
            Interlocked.Exchange(ref _callerSleeps, 1);
            if (_parts.Left != 0)
            {
                _done.Wait();
            }
        }

        Volatile.Write(ref _callerSleeps, 0);
    }

    private void Work(int worker)
    {
        _places?.Settle(worker);
        for (int seen = 0; ; seen = Volatile.Read(ref _job))
        {
            while (_parts.Take(worker))
            {
                if (Interlocked.Exchange(ref _callerSleeps, 0) != 0)
                {
                    _done.Release();
                }
            }

            if (!Sees(seen))
            {
                Interlocked.Exchange(ref _asleep[worker], 1);
                if (Volatile.Read(ref _job) == seen || Interlocked.Exchange(ref _asleep[worker], 0) == 0)
                {
                    _wake[worker].Wait();
                }
            }

            if (_stopping)
            {
                return;
            }
        }
    }

    /// <summary>Whether a job other than this one comes up within a while.</summary>
    private bool Sees(int seen)
    {
        for (long start = Stopwatch.GetTimestamp(); _spins && Stopwatch.GetTimestamp() - start < s_patience && !_stopping;)
        {
            if (Volatile.Read(ref _job) != seen)
            {
                return true;
            }

            Thread.SpinWait(1);
        }

        return Volatile.Read(ref _job) != seen;
    }
}
