namespace GpuCam.CudaTests.Driver;

/// <summary>A call of the driver, as it was made.</summary>
/// <param name="Name">Of the function: <c>cuMemcpyAsync</c>.</param>
/// <param name="Thread">The managed thread.</param>
/// <param name="Stream">The stream; 0 for the default one, and for calls without.</param>
/// <param name="Bytes">How many are copied, set or allocated.</param>
/// <param name="Detail">The kernel of a launch; <c>HtoD</c>, <c>DtoH</c> or <c>DtoD</c> of a copy, with <c>pageable</c> behind it where
/// the host's memory is not page-locked.</param>
internal sealed record DriverCall(string Name, int Thread, nint Stream = 0, long Bytes = 0, string Detail = "");

/// <summary>The calls that were made while it was open; others may be open beside it.</summary>
internal sealed class DriverLog : IDisposable
{
    private readonly List<DriverCall> _calls = [];
    private readonly Action<DriverLog> _closed;

    public DriverLog(Action<DriverLog> closed) => _closed = closed;

    /// <summary>So far.</summary>
    public IReadOnlyList<DriverCall> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>How many calls have this name.</summary>
    public int Count(string name) => Calls.Count(call => call.Name == name);

    /// <summary>Forgets what was heard.</summary>
    public void Clear()
    {
        lock (_calls)
        {
            _calls.Clear();
        }
    }

    public void Add(DriverCall call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }
    }

    public void Dispose() => _closed(this);
}
