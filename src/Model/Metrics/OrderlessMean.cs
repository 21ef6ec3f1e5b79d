namespace GpuCam.Model;

/// <summary>
/// The mean of one figure per image. Figures are added as whole multiples of 2^-48, and sums of whole numbers do not depend on
/// their order: neither the order of the images nor the number of threads changes a bit of the mean.
/// </summary>
public struct OrderlessMean
{
    private const double Scale = 1L << 48;
    private Int128 _sum;

    /// <summary>Figures added.</summary>
    public long Count { get; private set; }

    /// <summary>The mean; 0 before the first.</summary>
    public readonly double Value => Count == 0 ? 0 : (double)_sum / Scale / Count;

    /// <summary>Adds a finite figure, to the nearest multiple of 2^-48.</summary>
    public void Add(double figure)
    {
        if (!double.IsFinite(figure))
        {
            throw new ArgumentOutOfRangeException(nameof(figure), figure, "only finite figures have a mean");
        }

        _sum += (Int128)Math.Round(figure * Scale);
        Count++;
    }

    /// <summary>Adds all figures of another mean.</summary>
    public void Add(OrderlessMean other)
    {
        _sum += other._sum;
        Count += other.Count;
    }

    /// <summary>Writes the sum, whole: other processes <see cref="Add(BinaryReader)"/> it to theirs.</summary>
    public readonly void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((ulong)(_sum >> 64));
        writer.Write((ulong)_sum);
        writer.Write7BitEncodedInt64(Count);
    }

    /// <summary>Adds all figures of a mean that was written.</summary>
    public void Add(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _sum += new Int128(reader.ReadUInt64(), reader.ReadUInt64());
        Count += reader.Read7BitEncodedInt64();
    }
}
