namespace GpuCam.Runner.Reports;

/// <summary>Axis marks at round numbers: 1, 2 or 5 times a power of ten apart (after Heckbert, Graphics Gems, 1990).</summary>
/// <param name="Start">The first mark.</param>
/// <param name="Step">From one mark to the next.</param>
/// <param name="Count">How many marks, at least 2.</param>
internal readonly record struct Ticks(double Start, double Step, int Count)
{
    public double End => At(Count - 1);

    /// <summary>Digits behind the point that a mark needs.</summary>
    public int Decimals => Math.Clamp((int)-Math.Floor(Math.Log10(Step) + 1e-9), 0, 10);

    /// <summary>Mark i; a multiple of the step, so that no sum drifts.</summary>
    public double At(int i) => (Math.Round(Start / Step) + i) * Step;

    /// <summary>Marks that enclose the range, about as many as wanted; a range without extent is widened.</summary>
    public static Ticks Around(double low, double high, int wanted, bool wholeNumbers = false)
    {
        if (high - low <= 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)) || high <= low)
        {
            double pad = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - pad, high + pad);
        }

        double raw = (high - low) / Math.Max(1, wanted);
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        if (wholeNumbers)
        {
            step = Math.Max(1, step);
        }

        double first = Math.Floor((low / step) + 1e-9), last = Math.Ceiling((high / step) - 1e-9);
        return new Ticks(first * step, step, (int)(last - first) + 1);
    }
}
