namespace GpuCam.Model;

/// <summary>Settings of the methods that have some.</summary>
public sealed record CamMethodOptions
{
    /// <summary>Channels that the methods which mask images look at, those that vary most; 0 for all.</summary>
    public int TopChannels { get; init; }

    /// <summary>Passes of <see cref="SsCam"/> and <see cref="IsCam"/>.</summary>
    public int Samples { get; init; } = 10;

    /// <summary>Standard deviation of the noise of <see cref="SsCam"/>, where masks go from 0 to 1.</summary>
    public float Noise { get; init; } = 0.1f;

    /// <summary>Share of the rivals' mean logit that <see cref="FinerCam"/> takes off.</summary>
    public float Gamma { get; init; } = 0.6f;

    /// <summary>Seed of what is random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first setting out of range.</summary>
    public CamMethodOptions Validated()
    {
        Check(TopChannels >= 0, $"{TopChannels} top channels are out of range; give 0 (all) or more");
        Check(Samples >= 1, $"{Samples} samples are out of range; give at least 1");
        Check(Noise is >= 0 and <= float.MaxValue, FormattableString.Invariant($"noise of {Noise} is out of range; give 0 or more"));
        Check(float.IsFinite(Gamma), FormattableString.Invariant($"a gamma of {Gamma} is out of range; give a number"));
        return this;
    }

    private static void Check(bool condition, string message)
    {
        if (!condition)
        {
            throw new GpuCamException(message);
        }
    }
}
