namespace GpuCam.CudaTests.Machine.Memory;

/// <summary>A stretch of device memory.</summary>
/// <param name="Block">Where its red zone begins.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="Bytes">How many belong to it.</param>
internal sealed record Allocation(nint Block, nint Start, long Bytes)
{
    private AccessLog? _log;
    private long _launch;

    /// <summary>Whether it was not freed.</summary>
    public bool IsLive { get; set; } = true;

    /// <summary>Whether all these bytes belong to it.</summary>
    public bool Holds(nint address, long bytes) => address >= Start && address - Start <= Bytes - bytes;

    /// <summary>What the launch of that number did to it.</summary>
    public AccessLog LogOf(long launch)
    {
        if (_launch == launch)
        {
            return _log!;
        }

        _launch = launch;
        if (_log is null)
        {
            return _log = new AccessLog(Bytes);
        }

        _log.Clear();
        return _log;
    }
}
