using GpuCam.Kernels;
using GpuCam.Kernels.Benchmarks;

namespace GpuCam.Runner.Benchmarks;

/// <summary>
/// The least time that a step can take: that of its multiply-adds at their peak, or that of its bytes. A value comes from, and goes to, the
/// cache that it fits into; parameters come from the one that all parameters of the network fit into, between two passes.
/// </summary>
/// <param name="PeakGflops">Of all threads; 0 where it is not known.</param>
/// <param name="Rates">How fast bytes are read; empty where it is not known.</param>
/// <param name="ParameterBytes">Of all parameters of the network.</param>
internal sealed record Roofline(double PeakGflops, IReadOnlyList<ReadRate> Rates, long ParameterBytes)
{
    private const int Tries = 15;       // other work disturbs most of them

    /// <summary>Measures the peaks of a host device; of others nothing is known.</summary>
    public static Roofline Measure(IDevice device, long parameterBytes, long largestValue) => device is HostDevice host
        ? new Roofline(
            FmaPeak.Measure(host.Threads, Tries), ReadPeak.Measure(host.Threads, Math.Max(parameterBytes, largestValue), Tries),
            parameterBytes)
        : new Roofline(0, [], parameterBytes);

    /// <summary>The least seconds, and whether bytes decide; null where no peak is known.</summary>
    public (double Seconds, bool ByBytes)? Least(long multiplyAdds, IEnumerable<long> valueBytes, long parameterBytes)
    {
        if (PeakGflops <= 0 || Rates.Count == 0)
        {
            return null;
        }

        double computing = 2 * multiplyAdds / PeakGflops / 1e9;
        double moving = valueBytes.Sum(bytes => Moving(bytes, bytes)) + Moving(parameterBytes, ParameterBytes);
        return computing > moving ? (computing, false) : (moving, true);
    }

    private double Moving(long bytes, long among) => bytes / ReadPeak.Of(Rates, among) / 1e9;
}
