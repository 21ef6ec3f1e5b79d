namespace GpuCam.Model;

/// <summary>Settings of the methods that have some.</summary>
public sealed record CamMethodOptions
{
    /// <summary>Seed of what is random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first setting out of range.</summary>
    public CamMethodOptions Validated() => this;
}
