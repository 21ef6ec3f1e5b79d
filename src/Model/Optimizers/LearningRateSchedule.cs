namespace GpuCam.Model;

/// <summary>The learning rate as a pure function of how far training has come.</summary>
/// <param name="Peak">The largest rate, greater than 0.</param>
public abstract record LearningRateSchedule(float Peak)
{
    /// <summary>The names that <see cref="Create"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["constant", "cosine", "one-cycle"];

    /// <summary>The rate at <paramref name="progress"/>: steps done / steps in all, so 0 for the first step; clamped to [0, 1].</summary>
    public float At(double progress) => Peak * (float)Factor(Math.Clamp(progress, 0, 1));

    /// <summary>A schedule by name, with its usual settings; a <see cref="GpuCamException"/> lists the names.</summary>
    public static LearningRateSchedule Create(string name, float peak) => name switch
    {
        "constant" => new ConstantSchedule(peak),
        "cosine" => new CosineSchedule(peak),
        "one-cycle" => new OneCycleSchedule(peak),
        _ => throw new GpuCamException($"unknown learning-rate schedule '{name}': choose one of {string.Join(", ", Names)}"),
    };

    /// <summary>The share of <see cref="Peak"/> at <paramref name="progress"/> in [0, 1].</summary>
    protected abstract double Factor(double progress);

    /// <summary>Half a cosine wave from <paramref name="start"/> (t = 0) to <paramref name="end"/> (t = 1).</summary>
    protected static double Ease(double start, double end, double t) => end + ((start - end) * (1 + Math.Cos(Math.PI * t)) / 2);
}

/// <summary>Always the peak.</summary>
/// <param name="Peak">The rate.</param>
public sealed record ConstantSchedule(float Peak) : LearningRateSchedule(Peak)
{
    /// <inheritdoc/>
    protected override double Factor(double progress) => 1;
}

/// <summary>A straight line from 0 up to the peak, then half a cosine wave down (arXiv 1608.03983, one period).</summary>
/// <param name="Peak">The rate after the warm-up.</param>
/// <param name="WarmUp">Share of the training that the straight line takes, in [0, 1).</param>
/// <param name="Floor">Share of the peak that is left at the end.</param>
public sealed record CosineSchedule(float Peak, double WarmUp = 0.02, double Floor = 0) : LearningRateSchedule(Peak)
{
    /// <inheritdoc/>
    protected override double Factor(double progress) =>
        progress < WarmUp ? progress / WarmUp : Ease(1, Floor, (progress - WarmUp) / (1 - WarmUp));
}

/// <summary>Half a cosine wave up, half a cosine wave down (arXiv 1708.07120, in PyTorch's form).</summary>
/// <param name="Peak">The rate at the top.</param>
/// <param name="Rise">Share of the training that goes up, in (0, 1).</param>
/// <param name="StartDivisor">Peak / rate at the start.</param>
/// <param name="EndDivisor">Rate at the start / rate at the end.</param>
public sealed record OneCycleSchedule(float Peak, double Rise = 0.3, double StartDivisor = 25, double EndDivisor = 1e4)
    : LearningRateSchedule(Peak)
{
    /// <inheritdoc/>
    protected override double Factor(double progress)
    {
        double start = 1 / StartDivisor;
        return progress < Rise ? Ease(start, 1, progress / Rise) : Ease(1, start / EndDivisor, (progress - Rise) / (1 - Rise));
    }
}
