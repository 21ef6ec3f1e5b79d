using System.Runtime.ExceptionServices;

namespace GpuCam.Runner.Data;

/// <summary>
/// Makes batches on threads of its own, a few ahead of whoever takes them. They come in the plan's order whatever the
/// number of threads. An error in the source surfaces when its batch is taken. Take from one thread at a time.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private readonly ISampleSource _source;
    private readonly BatchPlan _plan;
    private readonly bool _masks;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room;       // batches that may still be begun
    private readonly SemaphoreSlim _arrivals = new(0);
    private readonly Dictionary<long, Made> _ready = [];
    private readonly Stack<SampleBatch> _spare = [];
    private readonly Thread[] _workers;
    private long _begun;
    private bool _disposed;

    /// <summary>Starts to make batches at once.</summary>
    /// <param name="source">Where samples come from.</param>
    /// <param name="plan">Which samples, in which order.</param>
    /// <param name="firstStep">The first batch to make: a resumed run begins where it ended.</param>
    /// <param name="workers">Threads; 0 chooses: a quarter of the cores, at least one.</param>
    /// <param name="ahead">Batches to have ready at most; 0 chooses two more than threads.</param>
    /// <param name="masks">Whether to make masks as well.</param>
    public BatchLoader(ISampleSource source, BatchPlan plan, long firstStep = 0, int workers = 0, int ahead = 0, bool masks = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstStep);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.BatchSize, 1);
        if (plan.Samples < 1 || plan.Samples > source.Count)
        {
            throw new ArgumentException($"a plan for {plan.Samples} samples does not fit a source of {source.Count}");
        }

        _source = source;
        _plan = plan;
        _masks = masks;
        _begun = firstStep;
        Next = firstStep;
        if (workers <= 0)
        {
            workers = Math.Clamp(AllCores.Count / 4, 1, 8);
        }

        _room = new SemaphoreSlim(ahead > 0 ? ahead : workers + 2);
        _workers = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"gpucam-loader-{i}" };
            _workers[i].Start();
        }
    }

    /// <summary>The step whose batch <see cref="Take"/> gives next.</summary>
    public long Next { get; private set; }

    /// <summary>Waits for the next batch; null when the plan is at its end. Dispose the batch when done with it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled while waiting.</exception>
    public SampleBatch? Take(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Next >= _plan.Steps)
        {
            return null;
        }

        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Made made;
            bool found;
            lock (_gate)
            {
                found = _ready.TryGetValue(Next, out made);
            }

            if (!found)
            {
                _arrivals.Wait(cancellation);
                continue;
            }

            made.Failure?.Throw();
            lock (_gate)
            {
                _ready.Remove(Next);
            }

            _arrivals.Wait(0, CancellationToken.None);      // its own arrival, or one that nobody waits for
            Next++;
            _room.Release();
            return made.Batch;
        }
    }

    /// <summary>Ends the threads; batches already taken stay valid.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Cancel();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }

        _stop.Dispose();
        _room.Dispose();
        _arrivals.Dispose();
    }

    internal void Return(SampleBatch batch)
    {
        lock (_gate)
        {
            _spare.Push(batch);
        }
    }

    private void Work()
    {
        while (true)
        {
            try
            {
                _room.Wait(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            long step = Interlocked.Increment(ref _begun) - 1;
            if (step >= _plan.Steps)
            {
                return;
            }

            Made made = Make(step);
            lock (_gate)
            {
                _ready.Add(step, made);
            }

            _arrivals.Release();
            if (made.Failure != null)
            {
                return;
            }
        }
    }

    private Made Make(long step)
    {
        try
        {
            SampleBatch? batch;
            lock (_gate)
            {
                _spare.TryPop(out batch);
            }

            batch ??= new SampleBatch(this, _source, _plan.Most, _masks);
            batch.Fill(_source, _plan, step);
            return new Made(batch, null);
        }
#pragma warning disable CA1031 // Whatever goes wrong on this thread must surface where the batch is taken.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Made(null, ExceptionDispatchInfo.Capture(e));
        }
    }

    private readonly record struct Made(SampleBatch? Batch, ExceptionDispatchInfo? Failure);
}
