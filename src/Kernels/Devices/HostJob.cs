namespace GpuCam.Kernels;

/// <summary>
/// What the workers of a <see cref="HostThreads"/> are doing: a body for parts or ranges, and who begins with which of them.
/// </summary>
internal sealed class HostJob(int workers)
{
    private readonly HostStretch[] _stretches = new HostStretch[workers];
    private Action<int>? _body;
    private Action<int, int>? _range;
    private Exception? _failure;
    private int _items, _size, _left;

    /// <summary>Parts that are not done.</summary>
    public int Left => Volatile.Read(ref _left);

    /// <summary>One part for each worker, which nobody else may do.</summary>
    public void Own(Action<int> body)
    {
        _body = body;
        _left = workers;
        for (int worker = 0; worker < workers; worker++)
        {
            _stretches[worker].Own(worker);
        }
    }

    /// <summary>So many parts for anyone.</summary>
    public void Deal(int parts, Action<int> body)
    {
        _body = body;
        Deal(parts);
    }

    /// <summary>Ranges of so many items for anyone.</summary>
    public void Deal(int items, int size, Action<int, int> range)
    {
        _range = range;
        (_items, _size) = (items, size);
        Deal(((items - 1) / size) + 1);
    }

    /// <summary>
    /// Does parts, first the worker's own, from the first on, then those of others, from their last; true as soon as it has done the last
    /// that was left, false if there are none to be had.
    /// </summary>
    public bool Take(int worker)
    {
        for (int i = 0; i < workers; i++)
        {
            int owner = (worker + i) % workers;
            while (_stretches[owner].TryTake(i == 0, out int part))
            {
                Do(part);
                if (Interlocked.Decrement(ref _left) == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Forgets the body, once all is done, and throws what it has thrown first.</summary>
    public void End()
    {
        _body = null;
        _range = null;
        if (_failure is { } failure)
        {
            _failure = null;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Deal(int parts)
    {
        // Whoever takes a part, be it with a glance that was meant for an earlier job, finds all else in place.
        _left = parts;
        for (int worker = 0; worker < workers; worker++)
        {
            _stretches[worker].Hold((int)((long)parts * worker / workers), (int)((long)parts * (worker + 1) / workers));
        }
    }

    private void Do(int part)
    {
        try
        {
            if (_range is { } range)
            {
                range(part * _size, (int)Math.Min(_items, (part + 1L) * _size));
            }
            else
            {
                _body!(part);
            }
        }
#pragma warning disable CA1031 // Whatever a kernel throws on a helper must surface on the caller's thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
    }
}
