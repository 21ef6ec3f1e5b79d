namespace GpuCam.Kernels;

/// <summary>
/// A fixed crew of threads, the caller being one of them. Work is split into as many contiguous ranges as there are
/// threads, so that the same thread count always gives the same split, and with it the same bits.
/// </summary>
public sealed class HostThreads : IDisposable
{
    private readonly Thread[] _helpers;
    private readonly SemaphoreSlim[] _wake;
    private readonly CountdownEvent _pending = new(1);
    private Action<int>? _body;
    private Exception? _failure;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="count"/> - 1 helpers; 0 means one thread per core.</summary>
    public HostThreads(int count)
    {
        Count = count > 0 ? count : Environment.ProcessorCount;
        _helpers = new Thread[Count - 1];
        _wake = new SemaphoreSlim[Count - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int worker = i + 1;
            _wake[i] = new SemaphoreSlim(0);
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

        _body = body;
        _failure = null;
        _pending.Reset(_helpers.Length);
        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Release();
        }

        Invoke(0);
        _pending.Wait();
        _body = null;
        if (_failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// Splits 0 … <paramref name="count"/> - 1 into one range per thread and calls <paramref name="range"/> with (start, end).
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

        Run(worker =>
        {
            int start = (int)((long)count * worker / Count);
            int end = (int)((long)count * (worker + 1) / Count);
            if (start < end)
            {
                range(start, end);
            }
        });
    }

    /// <summary>Ends the helpers.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Release();
        }

        foreach (Thread helper in _helpers)
        {
            helper.Join();
        }

        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Dispose();
        }

        _pending.Dispose();
    }

    private void Work(int worker)
    {
        while (true)
        {
            _wake[worker - 1].Wait();
            if (_stopping)
            {
                return;
            }

            Invoke(worker);
            _pending.Signal();
        }
    }

    private void Invoke(int worker)
    {
        try
        {
            _body!(worker);
        }
#pragma warning disable CA1031 // Whatever a kernel throws on a helper must surface on the caller's thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
    }
}
