namespace GpuCam.Model;

/// <summary>
/// What the map of one image says is to be changed: all of <see cref="Faithfulness"/> that needs no network. Not changed once made.
/// </summary>
public sealed class FaithfulnessCase
{
    internal FaithfulnessCase(MapKind kind, float[] normalized, int[] order, float[] removed) =>
        (Kind, Normalized, Order, Removed) = (kind, normalized, order, removed);

    /// <summary>Whether the map can be normalised.</summary>
    public MapKind Kind { get; }

    /// <summary>The map in [0, 1]; zeros if it cannot be normalised.</summary>
    internal float[] Normalized { get; }

    /// <summary>All pixels, the highest value first.</summary>
    internal int[] Order { get; }

    /// <summary>ROAD's images: for each share the most relevant pixels removed, then for each share the least relevant ones.</summary>
    internal float[] Removed { get; }
}
