using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What flows along an edge of a <see cref="Graph"/>: an input, or what a node makes. Has a name, and no memory.</summary>
public sealed class Value
{
    internal Value(string name, Shape shape, Node? producer)
    {
        Name = name;
        Shape = shape;
        Producer = producer;
    }

    /// <summary>The name by which activations and maps are asked for; unique in its graph.</summary>
    public string Name { get; }

    /// <summary>
    /// Extents for one image of the size the graph was made for. N is 1, or a factor on the number of images where something (attention
    /// heads, windows) lies along the batch.
    /// </summary>
    public Shape Shape { get; }

    /// <summary>The node that makes it; null for an input.</summary>
    public Node? Producer { get; }

    /// <summary>Place among the graph's values: inputs first, then in the order in which nodes run.</summary>
    internal int Index { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Shape.H}x{Shape.W}x{Shape.C}";
}
