namespace GpuCam.Model;

/// <summary>
/// Pixel average precision, PxAP (arXiv 2001.07437, section 3.3): the pixels of all images in one pool, their scores the min-max
/// normalised map, the positives those of the true mask. At threshold t the pixels with score >= t are taken;
/// <c>AP = sum over t, highest first, of Prec(t) (Rec(t) - Rec(previous t))</c>.
/// </summary>
/// <remarks>
/// Only the number of true and of other pixels between two thresholds is kept, so that a million images need no more memory than
/// one; for the sum over these thresholds that is exact, not an approximation. Not for two threads at once.
/// </remarks>
public sealed class PixelPrecision(int thresholds)
{
    private readonly long[] _true = new long[thresholds];
    private readonly long[] _other = new long[thresholds];

    /// <summary>Images with a mask.</summary>
    public long Images { get; private set; }

    /// <summary>Counts the pixels of one image; a mask without a pixel counts as none, and its image is left out.</summary>
    /// <param name="normalized">The map in [0, 1]; all zeros where it says nothing.</param>
    /// <param name="mask">1 on the object's pixels, 0 elsewhere.</param>
    public void Add(ReadOnlySpan<float> normalized, ReadOnlySpan<byte> mask)
    {
        if (mask.Length != normalized.Length)
        {
            throw new ArgumentException($"a mask of {mask.Length} pixels does not fit a map of {normalized.Length}", nameof(mask));
        }

        if (!mask.ContainsAnyExcept((byte)0))
        {
            return;
        }

        Images++;
        for (int i = 0; i < mask.Length; i++)
        {
            (mask[i] != 0 ? _true : _other)[LevelOf(normalized[i])]++;
        }
    }

    /// <summary>Adds the counts of another instance with the same thresholds.</summary>
    public void Merge(PixelPrecision other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Images += other.Images;
        for (int i = 0; i < _true.Length; i++)
        {
            _true[i] += other._true[i];
            _other[i] += other._other[i];
        }
    }

    /// <summary>The average precision; null before the first image with a mask.</summary>
    public double? AveragePrecision()
    {
        if (Images == 0)
        {
            return null;
        }

        double all = _true.Sum(), sum = 0;
        long hits = 0, taken = 0;
        for (int level = _true.Length - 1; level >= 0; level--)
        {
            hits += _true[level];
            taken += _true[level] + _other[level];
            if (_true[level] > 0)
            {
                sum += (double)hits / taken * (_true[level] / all);
            }
        }

        return sum;
    }

    /// <summary>The last threshold that <paramref name="value"/> reaches; the product may be off by one step.</summary>
    private int LevelOf(float value)
    {
        int last = _true.Length - 1;
        int level = Math.Min(last, (int)(value * last) + 1);
        while (level > 0 && level / (float)last > value)
        {
            level--;
        }

        return level;
    }
}
