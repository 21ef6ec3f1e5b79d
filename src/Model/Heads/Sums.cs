namespace GpuCam.Model;

/// <summary>Sums over long vectors in a fixed order, four at a time: the same numbers give the same bits on every machine.</summary>
internal static class Sums
{
    /// <summary>The dot product.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i <= a.Length - 4; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }

        for (; i < a.Length; i++)
        {
            s0 += a[i] * b[i];
        }

        return s0 + s1 + (s2 + s3);
    }

    /// <summary>Adds a multiple of <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static void Add(Span<double> a, double factor, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        for (int i = 0; i < a.Length; i++)
        {
            a[i] += factor * b[i];
        }
    }

    /// <summary>The largest component, without its sign; NaN where one is.</summary>
    public static double Largest(ReadOnlySpan<double> a)
    {
        double largest = 0;
        foreach (double value in a)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }
}
