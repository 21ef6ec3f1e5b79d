namespace GpuCam.Model;

/// <summary>A process by itself: what it sends comes back.</summary>
public sealed class SingleRank : ICommunicator, ICollective
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public int LocalRank => 0;

    /// <inheritdoc/>
    public int LocalSize => 1;

    /// <inheritdoc/>
    public string Description => "one process";

    /// <inheritdoc/>
    public bool TakesDeviceMemory => false;

    /// <inheritdoc/>
    public byte[] Broadcast(ReadOnlySpan<byte> data) => data.ToArray();

    /// <inheritdoc/>
    public byte[][]? Gather(ReadOnlySpan<byte> data) => [data.ToArray()];

    /// <inheritdoc/>
    public byte[][] AllGather(ReadOnlySpan<byte> data) => [data.ToArray()];

    /// <inheritdoc/>
    public ICollective BeginSum(nint values, int count) => this;

    /// <inheritdoc/>
    public unsafe ICollective BeginExchange(
        nint sent, IReadOnlyList<RankStretch> sentParts, nint received, IReadOnlyList<RankStretch> receivedParts)
    {
        ArgumentNullException.ThrowIfNull(sentParts);
        ArgumentNullException.ThrowIfNull(receivedParts);
        new ReadOnlySpan<float>((float*)sent + sentParts[0].First, sentParts[0].Count)
            .CopyTo(new Span<float>((float*)received + receivedParts[0].First, receivedParts[0].Count));
        return this;
    }

    /// <inheritdoc/>
    public ICollective BeginGather(nint values, IReadOnlyList<RankStretch> parts) => this;

    /// <inheritdoc/>
    public void Wait()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
