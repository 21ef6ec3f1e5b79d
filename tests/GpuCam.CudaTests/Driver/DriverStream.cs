namespace GpuCam.CudaTests.Driver;

/// <summary>
/// Work in order, done as late as a program may find it done: when somebody waits for it. So what was not waited for is not there, and
/// memory that is written, freed or unlocked too early is found changed.
/// </summary>
internal sealed class DriverStream(DriverContext context)
{
    private readonly Queue<(Action Run, (nint Address, long Bytes) Host)> _work = [];

    public DriverContext Context => context;

    /// <summary>How much was ever given to it.</summary>
    public long Given { get; private set; }

    /// <summary>How much of it is done.</summary>
    public long Done { get; private set; }

    /// <summary>Puts work behind the rest, and says which host memory it uses.</summary>
    public void Give(Action run, nint host = 0, long bytes = 0)
    {
        _work.Enqueue((run, (host, bytes)));
        Given++;
    }

    /// <summary>Does the work up to a place.</summary>
    public void Finish(long until)
    {
        while (Done < until)
        {
            _work.Dequeue().Run();
            Done++;
        }
    }

    public void Finish() => Finish(Given);

    /// <summary>Whether work that is not done uses host memory.</summary>
    public bool Uses(nint address, long bytes) =>
        _work.Any(work => work.Host.Bytes > 0 && work.Host.Address < address + bytes && address < work.Host.Address + work.Host.Bytes);
}

/// <summary>A place in a stream.</summary>
internal sealed class DriverEvent(DriverContext context)
{
    private DriverStream? _stream;
    private long _place;

    public DriverContext Context => context;

    public bool IsDone => _stream is null || _stream.Done >= _place;

    public void Record(DriverStream stream) => (_stream, _place) = (stream, stream.Given);

    public void Finish() => _stream?.Finish(_place);
}
