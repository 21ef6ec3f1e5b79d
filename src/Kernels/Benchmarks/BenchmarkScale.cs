using System.Diagnostics;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Benchmarks;

/// <summary>How large benchmarks can be on a device so that they end while somebody waits.</summary>
/// <param name="Batch">Images per run of an op.</param>
/// <param name="Size">Side of the canvas in pixels.</param>
/// <param name="Reduced">Whether the device is too slow for what was asked.</param>
/// <param name="ProbeGflops">What a small convolution reached.</param>
/// <param name="ProbeThreadsPerSecond">Threads of an elementwise kernel that ran in a second.</param>
public sealed record BenchmarkScale(int Batch, int Size, bool Reduced, double ProbeGflops, double ProbeThreadsPerSecond)
{
    /// <summary>The canvas of the reference network.</summary>
    public const int FullSize = 100;

    private const int SmallestSize = 28;
    private const double SlowestRun = 1;

    /// <summary>
    /// Times a small convolution and a small elementwise op; where the largest ops on <paramref name="batch"/> images of
    /// 100x100 would take more than a second a run, the batch is halved down to 1, then the canvas.
    /// </summary>
    public static BenchmarkScale Choose(IDevice device, int batch)
    {
        ArgumentNullException.ThrowIfNull(device);
        var g = Conv2DGeometry.Same(new Shape(1, 14, 14, 32), 5, 64);
        using var x = new Tensor(device, "probe x", g.X);
        using var weight = new Tensor(device, "probe weight", g.Weight);
        using var y = new Tensor(device, "probe y", g.Y);
        foreach (Tensor tensor in (Tensor[])[x, weight, y])
        {
            tensor.Buffer.Clear();
        }

        double convolution = Time(device, () => Conv2D.Forward(x, weight, null, y, g));
        double elementwise = Time(device, () => Relu.Forward(y, y));
        double flops = 2.0 * g.Y.Count * g.KH * g.KW * g.X.C / convolution, threads = y.Count / elementwise;

        int size = FullSize, images = batch;
        while (Slowest(images, size, flops, threads) > SlowestRun && (images > 1 || size > SmallestSize))
        {
            (images, size) = images > 1 ? (images / 2, size) : (1, Math.Max(SmallestSize, size / 2));
        }

        return new BenchmarkScale(images, size, images != batch || size != FullSize, flops / 1e9, threads);
    }

    /// <summary>Seconds of the dearest run: a product of conv2, or a kernel with a thread for each element behind conv1.</summary>
    private static double Slowest(int batch, int size, double flops, double threads)
    {
        double pixels = (double)batch * size * size;
        return Math.Max(2 * (pixels / 4) * 25 * 32 * 64 / flops, pixels * 32 / threads);
    }

    /// <summary>Seconds of the faster of two runs; one before them compiles.</summary>
    private static double Time(IDevice device, Action run)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            device.Synchronize();
            long start = Stopwatch.GetTimestamp();
            run();
            device.Synchronize();
            if (i > 0)
            {
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }
}
