using System.Runtime.InteropServices;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

/// <summary>A sample of a source.</summary>
internal sealed class Drawn
{
    public Drawn(ISampleSource source, int index)
    {
        Image = new float[source.Height * source.Width * source.Channels];
        Mask = new byte[source.Height * source.Width];
        source.Fill(index, Image, out int label, out Box? box, Mask);
        (Label, Box) = (label, box);
    }

    public float[] Image { get; }

    public byte[] Mask { get; }

    public int Label { get; }

    public Box? Box { get; }

    public bool SameAs(Drawn other) =>
        Label == other.Label && Box == other.Box && Mask.AsSpan().SequenceEqual(other.Mask)
        && MemoryMarshal.AsBytes(Image.AsSpan()).SequenceEqual(
            MemoryMarshal.AsBytes(other.Image.AsSpan()));
}
