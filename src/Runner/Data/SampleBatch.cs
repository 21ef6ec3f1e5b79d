using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>A few samples side by side, as a device wants them. Dispose it to give its memory back to the loader.</summary>
public sealed class SampleBatch : IDisposable
{
    private readonly BatchLoader _owner;
    private readonly bool _masked;
    private bool _returned;

    internal SampleBatch(BatchLoader owner, ISampleSource source, int capacity, bool masked)
    {
        _owner = owner;
        _masked = masked;
        Height = source.Height;
        Width = source.Width;
        Channels = source.Channels;
        Indices = new int[capacity];
        Images = new float[checked(capacity * Area * Channels)];
        Labels = new int[capacity];
        Boxes = new Box?[capacity];
        Masks = masked ? new byte[capacity * Area] : [];
    }

    /// <summary>Which batch of its loader this is.</summary>
    public long Step { get; private set; }

    /// <summary>Number of samples; only the last batch of a single pass has fewer than the arrays have room for.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>Pixels of an image.</summary>
    public int Area => Height * Width;

    /// <summary>Values per pixel.</summary>
    public int Channels { get; }

    /// <summary>Each sample's index in its source.</summary>
    public int[] Indices { get; }

    /// <summary>NHWC; use the first <see cref="Count"/> images.</summary>
    public float[] Images { get; }

    /// <summary>Classes.</summary>
    public int[] Labels { get; }

    /// <summary>The smallest box around each object, where known.</summary>
    public Box?[] Boxes { get; }

    /// <summary>NHW, 1 on the object's pixels; empty unless the loader was asked for masks.</summary>
    public byte[] Masks { get; }

    /// <summary>The images of this batch, without the unused rest of <see cref="Images"/>.</summary>
    public Span<float> UsedImages => Images.AsSpan(0, Count * Area * Channels);

    /// <summary>The classes of this batch, without the unused rest of <see cref="Labels"/>.</summary>
    public Span<int> UsedLabels => Labels.AsSpan(0, Count);

    /// <summary>One image, HWC.</summary>
    public Span<float> Image(int n) => Images.AsSpan(n * Area * Channels, Area * Channels);

    /// <summary>One mask, HW.</summary>
    public Span<byte> Mask(int n) => _masked ? Masks.AsSpan(n * Area, Area) : [];

    /// <summary>Gives the memory back; the contents may change from now on.</summary>
    public void Dispose()
    {
        if (_returned)
        {
            return;
        }

        _returned = true;
        _owner.Return(this);
    }

    internal void Fill(ISampleSource source, BatchPlan plan, long step)
    {
        _returned = false;
        Step = step;
        Count = plan.CountOf(step);
        plan.Indices(step, Indices.AsSpan(0, Count));
        for (int n = 0; n < Count; n++)
        {
            source.Fill(Indices[n], Image(n), out Labels[n], out Boxes[n], Mask(n));
        }
    }
}
