using GpuCam.Kernels;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Numbers to test with.</summary>
internal static class Made
{
    /// <summary>Random numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static float[] Numbers(int count, int seed, float low = -1, float high = 1)
    {
        var random = new CounterRandom((ulong)seed, RandomPurpose.Weights, 0);
        return [.. Enumerable.Range(0, count).Select(i => low + ((high - low) * random.Uniform((uint)i)))];
    }

    /// <summary>Random multiples of 1/4 from <paramref name="low"/> on, up to 4 above.</summary>
    public static float[] Quarters(int count, int seed, float low) =>
        [.. Numbers(count, seed, 0, 16).Select(value => low + (MathF.Floor(value) / 4))];

    /// <summary>[N, H, W, C] as [N, C, H, W].</summary>
    public static float[] Turned(float[] memory, Shape shape)
    {
        float[] turned = new float[memory.Length];
        for (int i = 0; i < memory.Length; i++)
        {
            int c = i % shape.C, pixel = i / shape.C % shape.Area, n = i / shape.C / shape.Area;
            turned[(((n * shape.C) + c) * shape.Area) + pixel] = memory[i];
        }

        return turned;
    }

    /// <summary>The largest difference over the largest of the expected, which must be finite.</summary>
    public static double Difference(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = 0, difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            double apart = Math.Abs((double)expected[i] - actual[i]);
            difference = Math.Max(difference, double.IsFinite(apart) ? apart : double.PositiveInfinity);
        }

        return difference == 0 ? 0 : difference / largest;
    }

    /// <summary>Fails unless both are finite and equal to within a part of the largest number.</summary>
    public static void Close(float[] expected, float[] actual, double tolerance, string what)
    {
        double difference = Difference(expected, actual);
        Assert.True(difference <= tolerance, $"{what}: differs by {difference:e2} of the largest, {tolerance:e0} is allowed");
    }
}
