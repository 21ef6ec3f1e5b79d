namespace GpuCam.Model;

/// <summary>Counts of images at one threshold.</summary>
internal struct LocalisationHits
{
    public long Iou30 { get; private set; }

    public long Iou50 { get; private set; }

    public long Iou70 { get; private set; }

    public long Any30 { get; private set; }

    public long Any50 { get; private set; }

    public long Any70 { get; private set; }

    public long Top1 { get; private set; }

    public long Top5 { get; private set; }

    /// <summary>Counts an image, given what the largest component and the best one reach (see <see cref="IouLimits"/>).</summary>
    public void Add(int largest, int any, int rank)
    {
        if (any == 0)
        {
            return;
        }

        Any30++;
        Any50 += any >= IouLimits.At50 ? 1 : 0;
        Any70 += any >= IouLimits.At70 ? 1 : 0;
        Iou30 += largest >= IouLimits.At30 ? 1 : 0;
        Iou70 += largest >= IouLimits.At70 ? 1 : 0;
        if (largest < IouLimits.At50)
        {
            return;
        }

        Iou50++;
        Top1 += rank == 0 ? 1 : 0;
        Top5 += rank < 5 ? 1 : 0;
    }

    public void Add(LocalisationHits other)
    {
        Iou30 += other.Iou30;
        Iou50 += other.Iou50;
        Iou70 += other.Iou70;
        Any30 += other.Any30;
        Any50 += other.Any50;
        Any70 += other.Any70;
        Top1 += other.Top1;
        Top5 += other.Top5;
    }

    public readonly void Write(BinaryWriter writer)
    {
        foreach (long count in (ReadOnlySpan<long>)[Iou30, Iou50, Iou70, Any30, Any50, Any70, Top1, Top5])
        {
            writer.Write7BitEncodedInt64(count);
        }
    }

    /// <summary>What <see cref="Write"/> wrote; initialisers run in this order.</summary>
    public static LocalisationHits Read(BinaryReader reader) => new()
    {
        Iou30 = reader.Read7BitEncodedInt64(),
        Iou50 = reader.Read7BitEncodedInt64(),
        Iou70 = reader.Read7BitEncodedInt64(),
        Any30 = reader.Read7BitEncodedInt64(),
        Any50 = reader.Read7BitEncodedInt64(),
        Any70 = reader.Read7BitEncodedInt64(),
        Top1 = reader.Read7BitEncodedInt64(),
        Top5 = reader.Read7BitEncodedInt64(),
    };
}
