namespace GpuCam.Model;

/// <summary>
/// Pixel average precision, PxAP (arXiv 2001.07437, section 3.3): the pixels of all images in one pool, their scores the min-max
/// normalised map, the positives those of the true mask; pixels that a mask marks as <see cref="Ignored"/> are in no count. At
/// threshold t the pixels with score >= t are taken;
/// <c>AP = sum over t, highest first, of Prec(t) (Rec(t) - Rec(previous t))</c>.
/// </summary>
/// <remarks>
/// Only the number of true and of other pixels between two thresholds is kept, so that a million images need no more memory than
/// one; for the sum over these thresholds that is exact, not an approximation. Not for two threads at once.
/// </remarks>
public sealed class PixelPrecision(int thresholds)
{
    /// <summary>What a mask holds at a pixel that nobody judged.</summary>
    public const byte Ignored = 255;

    private readonly long[] _true = new long[thresholds];
    private readonly long[] _other = new long[thresholds];

    /// <summary>Images with a mask.</summary>
    public long Images { get; private set; }

    /// <summary>Counts the pixels of one image.</summary>
    /// <param name="normalized">The map in [0, 1]; all zeros where it says nothing.</param>
    /// <param name="mask">1 on the object's pixels, <see cref="Ignored"/> on those that do not count, 0 elsewhere.</param>
    public void Add(ReadOnlySpan<float> normalized, ReadOnlySpan<byte> mask)
    {
        Begin(normalized.Length, mask);
        for (int i = 0; i < mask.Length; i++)
        {
            Count(mask[i], LevelOf(normalized[i]), 1);
        }
    }

    /// <summary>
    /// The same in double precision, where threshold i is <c>i * (1 / last)</c> in double precision too, as NumPy's <c>arange</c> makes it.
    /// </summary>
    public void Add(ReadOnlySpan<double> normalized, ReadOnlySpan<byte> mask)
    {
        Begin(normalized.Length, mask);
        for (int i = 0; i < mask.Length; i++)
        {
            Count(mask[i], LevelOf(normalized[i]), 1);
        }
    }

    /// <summary>Counts pixels that a map has no value for, as its lowest: of an image that was counted.</summary>
    /// <param name="hits">How many of them are the object's.</param>
    /// <param name="others">How many are not.</param>
    public void AddUnseen(long hits, long others)
    {
        Count(1, 0, hits);
        Count(0, 0, others);
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

    /// <summary>Writes the counts, for <see cref="Merge(BinaryReader)"/> of another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write7BitEncodedInt64(Images);
        for (int i = 0; i < _true.Length; i++)
        {
            writer.Write7BitEncodedInt64(_true[i]);
            writer.Write7BitEncodedInt64(_other[i]);
        }
    }

    /// <summary>Adds the counts that an instance with the same thresholds wrote.</summary>
    public void Merge(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Images += reader.Read7BitEncodedInt64();
        for (int i = 0; i < _true.Length; i++)
        {
            _true[i] += reader.Read7BitEncodedInt64();
            _other[i] += reader.Read7BitEncodedInt64();
        }
    }

    /// <summary>The average precision; null where no mask has a pixel of an object.</summary>
    public double? AveragePrecision()
    {
        double all = _true.Sum(), sum = 0;
        if (all == 0)
        {
            return null;
        }

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

    private void Begin(int pixels, ReadOnlySpan<byte> mask)
    {
        if (mask.Length != pixels)
        {
            throw new ArgumentException($"a mask of {mask.Length} pixels does not fit a map of {pixels}", nameof(mask));
        }

        Images++;
    }

    private void Count(byte mask, int level, long pixels)
    {
        if (mask != Ignored)
        {
            (mask != 0 ? _true : _other)[level] += pixels;
        }
    }

    private int LevelOf(double value)
    {
        int last = _true.Length - 1;
        int level = Math.Min(last, (int)(value * last) + 1);
        while (level > 0 && (level == last ? 1 : level * (1.0 / last)) > value)
        {
            level--;
        }

        return level;
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
