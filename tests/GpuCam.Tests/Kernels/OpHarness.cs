using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// What every op test needs: a device that must not leak, seeded inputs, NaN-filled outputs between guard cells,
/// comparisons that fail closed (a NaN is a failure), and finite differences.
/// </summary>
public sealed class OpHarness : IDisposable
{
    private readonly GuardedTensors _memory;

    public OpHarness(string device) : this(TestDevices.Create(device))
    {
    }

    /// <summary>On this device, which the harness disposes.</summary>
    public OpHarness(IDevice device)
    {
        Device = device;
        _memory = new GuardedTensors(device);
    }

    public IDevice Device { get; }

    /// <summary>Uniform values in [low, high), the same for the same seed.</summary>
    public static float[] Random(int count, int seed, float low = -1, float high = 1) => GuardedTensors.Uniform(count, seed, low, high);

    /// <summary>A tensor with these values, between guard cells.</summary>
    public Tensor Input(string name, Shape shape, float[] values) => _memory.Tensor(name, shape, values);

    /// <summary>A tensor full of NaN, between guard cells: an op that leaves a cell out, or reads it, is found.</summary>
    public Tensor Output(string name, Shape shape) => _memory.Tensor(name, shape, GuardedTensors.Nan(shape.Count));

    /// <summary>A buffer of integers with these values.</summary>
    public DeviceBuffer<int> Integers(params int[] values) => _memory.Values<int>(values);

    /// <summary>A buffer for <paramref name="count"/> integers and guard cells behind them; what no op wrote holds nonsense.</summary>
    public DeviceBuffer<int> IntegerOutput(string name, int count) => _memory.Integers(name, count);

    /// <summary>Runs an op that writes <paramref name="output"/> twice, from NaN each time, and fails unless the bits agree.</summary>
    public static float[] RunTwice(Tensor output, Action op)
    {
        float[] nan = GuardedTensors.Nan(output.Count);
        output.CopyFrom(nan);
        op();
        float[] once = output.ToArray();
        output.CopyFrom(nan);
        op();
        Assert.Equal(once.Select(BitConverter.SingleToInt32Bits), output.ToArray().Select(BitConverter.SingleToInt32Bits));
        return once;
    }

    /// <summary>Fails unless |actual - expected| ≤ tolerance * max(1, max |expected|) everywhere.</summary>
    public static void Close(double[] expected, float[] actual, double tolerance, string what = "result")
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = 1;
        foreach (double value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            bool close = Math.Abs(actual[i] - expected[i]) <= tolerance * scale;
            Assert.True(close, $"{what}[{i}]: expected {expected[i]:R}, got {actual[i]:R} (tolerance {tolerance * scale:G3})");
        }
    }

    /// <summary>
    /// Central difference of <c>sum(forward(x) * direction)</c> in the direction of every element of <paramref name="x"/>
    /// (h = 1e-2, summed in double), against <paramref name="gradient"/> within 1e-3 of the largest gradient or 1.
    /// </summary>
    public static void CloseToFiniteDifferences(
        float[] x, Func<float[], float[]> forward, float[] direction, float[] gradient, double tolerance = 1e-3)
    {
        const float H = 1e-2f;
        double[] expected = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            float kept = x[i];
            x[i] = kept + H;
            double above = Dot(forward(x), direction);
            x[i] = kept - H;
            double below = Dot(forward(x), direction);
            x[i] = kept;
            expected[i] = (above - below) / ((double)(kept + H) - (kept - H));
        }

        Close(expected, gradient, tolerance, "gradient");
    }

    /// <summary>Sum of products, in double.</summary>
    public static double Dot(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Checks all guard cells, frees everything and fails on a leaked buffer.</summary>
    public void Dispose()
    {
        string[] damaged = [.. _memory.Damaged().Select(cell => $"{cell.Name}[{cell.Index}]")];
        _memory.Dispose();
        int leaked = Device.LiveBuffers;
        Device.Dispose();
        Assert.True(damaged.Length == 0, $"written outside: {string.Join(", ", damaged.Take(8))}");
        Assert.Equal(0, leaked);
    }
}
