using System.Diagnostics;

namespace GpuCam.Kernels.SelfTests;

/// <summary>
/// Runs ops on a device and on the plain host kernels, and compares: every value, the guard cells around them, and whether a
/// second run gives the same bits. Fails closed: an exception, a NaN or an output that was not written is a failed check.
/// </summary>
public static class OpSelfTest
{
    /// <summary>One result per case, as soon as it is there.</summary>
    /// <param name="open">
    /// Opens the device. It is opened again after an exception: a kernel that did not compile, or a fault, spoils what came of it.
    /// </param>
    /// <param name="variant">What results call the kernels that are chosen on it.</param>
    /// <param name="cases">What to run.</param>
    public static IEnumerable<SelfTestResult> Run(Func<IDevice> open, string variant, IEnumerable<OpCase> cases)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(cases);
        using var host = new HostDevice(Backend.Cpu);
        IDevice? device = null;
        try
        {
            foreach (OpCase one in cases)
            {
                SelfTestResult result = Check(host, ref device, open, variant, one);
                yield return result;
            }
        }
        finally
        {
            device?.Dispose();
        }
    }

    private static SelfTestResult Check(HostDevice host, ref IDevice? device, Func<IDevice> open, string variant, OpCase one)
    {
        var result = new SelfTestResult(one.Op, variant, one.Shape, double.NaN, one.Tolerance, double.NaN, double.NaN, null);
        try
        {
            device ??= open();
            using var expected = new OpCaseTensors(host);
            using var actual = new OpCaseTensors(device);
            Time(host, expected, one.Prepare(expected));
            Action run = one.Prepare(actual);
            result = result with { FirstMilliseconds = Time(device, actual, run) };
            IReadOnlyList<(string Name, float[] Values)> first = actual.Read();
            result = result with { Milliseconds = Time(device, actual, run) };
            IReadOnlyList<(string Name, float[] Values)> second = actual.Read();
            double[] errors = [.. expected.Read().Zip(first, (wanted, got) => SelfTestResult.ErrorOf(wanted.Values, got.Values))];
            return result with
            {
                Error = errors.Any(double.IsNaN) ? double.NaN : errors.Max(),
                Failure = Fault(first, second, actual.Damaged())
            };
        }
#pragma warning disable CA1031 // Whatever a device or its driver throws is a finding, and the other ops are still to be tried.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Abandon(ref device);
            return result with { Failure = e.Message.ReplaceLineEndings(" ") };
        }
    }

    private static double Time(IDevice device, OpCaseTensors tensors, Action run)
    {
        tensors.Reset();
        device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        run();
        device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static string? Fault(
        IReadOnlyList<(string Name, float[] Values)> first, IReadOnlyList<(string Name, float[] Values)> second,
        IReadOnlyList<string> damaged)
    {
        foreach (((string name, float[] once), (_, float[] again)) in first.Zip(second))
        {
            if (Array.Exists(once, float.IsNaN))
            {
                return $"{name} holds NaN or was not written completely";
            }

            if (!once.AsSpan().SequenceEqual(again))
            {
                return $"{name} differs between two runs";
            }
        }

        return damaged.Count > 0 ? $"written outside of {string.Join(", ", damaged)}" : null;
    }

    private static void Abandon(ref IDevice? device)
    {
        IDevice? broken = device;
        device = null;
        try
        {
            broken?.Dispose();
        }
#pragma warning disable CA1031 // The fault has been reported; what cannot be freed after it is lost with the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
