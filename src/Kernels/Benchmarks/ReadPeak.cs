using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuCam.Kernels.Benchmarks;

/// <summary>How fast all threads together read so many bytes again and again, each its own part: of a cache, or of memory.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="GigabytesPerSecond">Billions of bytes a second.</param>
public sealed record ReadRate(long Bytes, double GigabytesPerSecond);

/// <summary>The most bytes a second that this process reads right now, by their number: what <see cref="FmaPeak"/> is for sums.</summary>
public static unsafe class ReadPeak
{
    private const long Smallest = 1 << 19;
    private const long Largest = 1 << 29;
    private const long BytesPerTry = 1 << 27;
    private const int BytesPerRound = 8 * 64;

    /// <summary>Rates for amounts that double, as far as <paramref name="bytes"/> (at most 512 MiB).</summary>
    /// <param name="threads">Who reads.</param>
    /// <param name="bytes">The largest amount that matters.</param>
    /// <param name="tries">The best of so many counts.</param>
    public static IReadOnlyList<ReadRate> Measure(HostThreads threads, long bytes, int tries = 5)
    {
        ArgumentNullException.ThrowIfNull(threads);
        var rates = new List<ReadRate>();
        long amount = Smallest;
        while (true)
        {
            rates.Add(new ReadRate(amount, Fastest(threads, amount, tries)));
            if (amount >= Math.Min(bytes, Largest))
            {
                return rates;
            }

            amount *= 2;
        }
    }

    /// <summary>The rate at which <paramref name="bytes"/> are read: that of the next larger amount, or of the largest.</summary>
    public static double Of(IReadOnlyList<ReadRate> rates, long bytes) =>
        (rates.FirstOrDefault(rate => rate.Bytes >= bytes) ?? rates[^1]).GigabytesPerSecond;

    private static double Fastest(HostThreads threads, long bytes, int tries)
    {
        long each = bytes / threads.Count / BytesPerRound * BytesPerRound;
        int times = (int)Math.Max(1, BytesPerTry / bytes);
        float*[] parts = new float*[threads.Count];
        float[] sinks = new float[threads.Count];
        double best = double.MaxValue;
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] = (float*)NativeMemory.AlignedAlloc((nuint)each, 64);
                NativeMemory.Fill(parts[i], (nuint)each, 0);
            }

            for (int i = 0; i < tries; i++)
            {
                long start = Stopwatch.GetTimestamp();
                threads.Run(worker => sinks[worker] = Sum(parts[worker], each / sizeof(float), times));
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        finally
        {
            foreach (float* part in parts)
            {
                NativeMemory.AlignedFree(part);
            }
        }

        return (double)each * threads.Count * times / best / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(float* values, long count, int times)
    {
        Vector512<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (int t = 0; t < times; t++)
        {
            for (float* p = values, end = values + count; p < end; p += 128)
            {
                a += Vector512.Load(p);
                b += Vector512.Load(p + 16);
                c += Vector512.Load(p + 32);
                d += Vector512.Load(p + 48);
                e += Vector512.Load(p + 64);
                f += Vector512.Load(p + 80);
                g += Vector512.Load(p + 96);
                h += Vector512.Load(p + 112);
            }
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }
}
