using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Remove and debias (ROAD, arXiv 2202.00449): the copies of an image that lack a growing share of its pixels, in an order that a map
/// gives. Removed pixels are filled by <see cref="RoadImputer"/> and get noise, N(0, 0.01^2), the same at a pixel for all shares.
/// Not for two threads at once.
/// </summary>
public sealed class Road
{
    /// <summary>Shares of the pixels that are removed: the top (100 - p) % for p = 90, 80, …, 10.</summary>
    public static IReadOnlyList<double> Shares { get; } = [.. Enumerable.Range(1, 9).Select(i => i / 10.0)];

    private const float Deviation = 0.01f;
    private readonly RoadImputer _imputer = new();
    private float[] _filled = [];

    /// <summary>One image for each of <see cref="Shares"/>, one after the other, to <paramref name="images"/>.</summary>
    /// <param name="image">HWC.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="order">All pixels; the first are removed first.</param>
    /// <param name="noise">Standard normal numbers, one for each value of the image.</param>
    /// <param name="images">Room for nine images.</param>
    public void Remove(ReadOnlySpan<float> image, int width, ReadOnlySpan<int> order, ReadOnlySpan<float> noise, Span<float> images)
    {
        int channels = image.Length / order.Length;
        bool[] removed = new bool[order.Length];
        if (_filled.Length != image.Length)
        {
            _filled = new float[image.Length];
        }

        image.CopyTo(_filled);
        int done = 0;
        for (int i = 0; i < Shares.Count; i++)
        {
            for (int count = CountOf(Shares[i], order.Length); done < count; done++)
            {
                removed[order[done]] = true;
            }

            _imputer.Fill(_filled, width, channels, removed);    // the smaller share's answer is the larger one's first guess
            Span<float> copy = images.Slice(i * image.Length, image.Length);
            _filled.CopyTo(copy);
            for (int j = 0; j < copy.Length; j++)
            {
                if (removed[j / channels])
                {
                    copy[j] += Deviation * noise[j];
                }
            }
        }
    }

    /// <summary>Standard normal numbers for the image of that number in its data set.</summary>
    public static float[] Noise(ulong seed, long index, int count)
    {
        var random = new CounterRandom(seed, RandomPurpose.RoadNoise, (ulong)index);
        float[] noise = new float[count];
        for (int i = 0; i < count; i++)
        {
            noise[i] = random.Normal((uint)i);
        }

        return noise;
    }

    internal static int CountOf(double share, int pixels) => (int)Math.Round(share * pixels, MidpointRounding.AwayFromZero);
}
