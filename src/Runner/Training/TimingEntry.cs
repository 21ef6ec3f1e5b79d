namespace GpuCam.Runner.Training;

/// <summary>A line of <c>timing.jsonl</c>: what the clock said at an evaluation.</summary>
internal sealed record TimingEntry
{
    public required int Step { get; init; }

    /// <summary>Seconds of training since the run began, evaluations and drawing not counted.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training speed since this process began.</summary>
    public double? ImagesPerSecond { get; init; }

    public double? TestImagesPerSecond { get; init; }

    public long? PeakMemoryMib { get; init; }
}
