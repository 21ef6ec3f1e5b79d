namespace GpuCam.Kernels.SelfTests;

/// <summary>What one check of a device found.</summary>
/// <param name="Name">What was checked: an op and its direction, or a stretch of training.</param>
/// <param name="Variant">Which of the op's kernels ran: <c>default</c> is the launcher's own choice.</param>
/// <param name="Shape">What it ran on.</param>
/// <param name="Error">Largest |device - host|, as a share of the largest host value or of 1; NaN if any value was.</param>
/// <param name="Tolerance">What <paramref name="Error"/> may be.</param>
/// <param name="FirstMilliseconds">The first run, compilation included.</param>
/// <param name="Milliseconds">The second run.</param>
/// <param name="Failure">What else went wrong; null if nothing.</param>
public sealed record SelfTestResult(
    string Name, string Variant, string Shape, double Error, double Tolerance, double FirstMilliseconds, double Milliseconds,
    string? Failure)
{
    /// <summary>Whether the check was passed; a NaN never passes.</summary>
    public bool Passed => Failure is null && Error <= Tolerance;

    /// <summary>
    /// Largest difference between what the host and the device computed, as a share of the largest host value or of 1, whichever
    /// is more; NaN if one of all the values is no finite number, or if none was compared.
    /// </summary>
    public static double ErrorOf(ReadOnlySpan<float> host, ReadOnlySpan<float> device)
    {
        if (host.Length != device.Length || host.IsEmpty)
        {
            return double.NaN;
        }

        double scale = 1, worst = 0;
        for (int i = 0; i < host.Length; i++)
        {
            if (!float.IsFinite(host[i]) || !float.IsFinite(device[i]))
            {
                return double.NaN;
            }

            scale = Math.Max(scale, Math.Abs((double)host[i]));
            worst = Math.Max(worst, Math.Abs((double)host[i] - device[i]));
        }

        return worst / scale;
    }
}
