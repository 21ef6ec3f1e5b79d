namespace GpuCam.Runner.Benchmarks;

/// <summary>How long a sum of so many bytes took.</summary>
internal sealed record SumTime(long Bytes, double Seconds);

/// <summary>
/// What sums cost between the ranks of a job: as measured at its size, and at others as <see cref="SumPaths"/> says of those against this.
/// </summary>
/// <param name="Path">How the ranks add up.</param>
/// <param name="Ranks">How many there were.</param>
/// <param name="HandOff">Seconds that an operation costs which sends nothing.</param>
/// <param name="Latency">Seconds of a message.</param>
/// <param name="SecondsPerByte">Of all bytes that pass a rank.</param>
/// <param name="Times">What was measured, in rising bytes.</param>
internal sealed record RankLink(
    SumPath Path, int Ranks, double HandOff, double Latency, double SecondsPerByte, IReadOnlyList<SumTime> Times)
{
    private const double Quickest = 1e-13;      // seconds for a byte, where a disturbed clock has found less

    /// <summary>
    /// The link whose times are nearest to the measured ones, the squares of their relative errors being summed, so that a few bytes count
    /// as much as many.
    /// </summary>
    public static RankLink Fit(SumPath path, int ranks, double handOff, IReadOnlyList<SumTime> times)
    {
        double ones = 0, bytes = 0, squares = 0, known = 0, knownBytes = 0;
        foreach (SumTime time in times)
        {
            // (a + b * bytes) / seconds is to be 1.
            double weight = 1 / time.Seconds, slope = time.Bytes / time.Seconds;
            (ones, bytes, squares) = (ones + (weight * weight), bytes + (weight * slope), squares + (slope * slope));
            (known, knownBytes) = (known + weight, knownBytes + slope);
        }

        double determinant = (ones * squares) - (bytes * bytes);
        double fixedCost = determinant > 0 ? ((known * squares) - (knownBytes * bytes)) / determinant : 0;
        fixedCost = Math.Max(fixedCost, times.Min(time => time.Seconds) / 2);
        double perByte = Math.Max((knownBytes - (fixedCost * bytes)) / squares, Quickest);
        handOff = Math.Min(handOff, fixedCost / 2 / path.Calls());      // more is the clock's fault
        double latency = (fixedCost - (path.Calls() * handOff)) / path.Messages(ranks);
        return new RankLink(path, ranks, handOff, latency, perByte / path.Passes(ranks), times);
    }

    /// <summary>Seconds of a sum over so many ranks; 0 for one.</summary>
    public double Seconds(long bytes, int ranks) => ranks == 1 ? 0 : Formula(bytes, ranks) * MeasuredAgainstFormula(bytes);

    private double Formula(double bytes, int ranks) =>
        (Path.Calls() * HandOff) + (Path.Messages(ranks) * Latency) + (Path.Passes(ranks) * bytes * SecondsPerByte);

    /// <summary>Between two sizes along the line through both, bytes on a logarithmic scale; beyond the ends as at the end.</summary>
    private double MeasuredAgainstFormula(long bytes)
    {
        int above = 0;
        while (above < Times.Count && Times[above].Bytes < bytes)
        {
            above++;
        }

        if (above == 0 || above == Times.Count)
        {
            return Ratio(Math.Min(above, Times.Count - 1));
        }

        double share = Math.Log((double)bytes / Times[above - 1].Bytes) / Math.Log((double)Times[above].Bytes / Times[above - 1].Bytes);
        return (share * Ratio(above)) + ((1 - share) * Ratio(above - 1));
    }

    private double Ratio(int i) => Times[i].Seconds / Formula(Times[i].Bytes, Ranks);
}
