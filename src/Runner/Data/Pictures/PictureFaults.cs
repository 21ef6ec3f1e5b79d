namespace GpuCam.Runner.Data;

/// <summary>What is wrong with a set, all of it at once: a line for each fault, then the error.</summary>
internal static class PictureFaults
{
    /// <summary>Fails if there are faults: with the one there is, else with their number after a line for each.</summary>
    /// <param name="where">The set.</param>
    /// <param name="faults">A line each.</param>
    /// <param name="what">What they have in common, after their number.</param>
    /// <param name="remedy">What to do.</param>
    /// <param name="report">Gets the lines.</param>
    /// <exception cref="GpuCamException">There are faults.</exception>
    public static void Throw(string where, IReadOnlyList<string> faults, string what, string remedy, Action<string> report)
    {
        if (faults.Count == 0)
        {
            return;
        }

        if (faults.Count == 1)
        {
            throw new GpuCamException(faults[0]);
        }

        foreach (string fault in faults)
        {
            report(fault);
        }

        throw new GpuCamException($"{where}: {faults.Count} {what}, listed above; {remedy}");
    }
}
