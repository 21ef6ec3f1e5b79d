using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Transposes a dense array: axis i of y is axis <c>order[i]</c> of x, as numpy's <c>transpose</c> says it,
/// <c>y[j_0, …] = x[i_0, …]</c> with <c>j_k = i_order[k]</c>. Its backward pass is itself with the <see cref="Inverse"/> order.
/// The shapes of the tensors do not matter, only their elements.
/// </summary>
public static class Permute
{
    /// <summary>Most axes of an array.</summary>
    public const int MaxAxes = 6;

    /// <summary>Writes <paramref name="y"/>, which must not overlap <paramref name="x"/>.</summary>
    /// <param name="x">The array.</param>
    /// <param name="y">The transposed array, as many elements.</param>
    /// <param name="extents">Extents of x, slowest first.</param>
    /// <param name="order">For each axis of y, which axis of x it is.</param>
    public static void Forward(Tensor x, Tensor y, ReadOnlySpan<int> extents, ReadOnlySpan<int> order)
    {
        Check(x, y, extents, order);
        var axes = PermutedAxes.Merge(extents, order);
        if (!HostPermute.TryForward(x, y, axes))
        {
            x.Device.Launch(y.Count, new PermuteKernel(x.View, y.View, axes));
        }
    }

    /// <summary>The order that undoes <paramref name="order"/>.</summary>
    public static int[] Inverse(ReadOnlySpan<int> order)
    {
        int[] inverse = new int[order.Length];
        for (int axis = 0; axis < order.Length; axis++)
        {
            inverse[order[axis]] = axis;
        }

        return inverse;
    }

    private static void Check(Tensor x, Tensor y, ReadOnlySpan<int> extents, ReadOnlySpan<int> order)
    {
        int[] sorted = order.ToArray();
        Array.Sort(sorted);
        long count = 1;
        foreach (int extent in extents)
        {
            count *= extent;
        }

        bool permutation = order.Length == extents.Length && order.Length <= MaxAxes;
        for (int axis = 0; axis < sorted.Length; axis++)
        {
            permutation &= sorted[axis] == axis;
        }

        if (!permutation || count != x.Count)
        {
            throw new ArgumentException(
                $"tensor '{x.Name}' {x.Shape} is no array of [{string.Join(", ", extents.ToArray())}] "
                    + $"whose axes can come in the order [{string.Join(", ", order.ToArray())}]");
        }

        if (y.Count != x.Count)
        {
            throw new ArgumentException($"tensor '{y.Name}' {y.Shape} has {y.Count} elements, expected {x.Count}");
        }
    }
}

/// <summary>The axes of a transposed array, slowest first, of which neighbours that stay together are one.</summary>
internal readonly struct PermutedAxes
{
    private PermutedAxes(ReadOnlySpan<int> extents, ReadOnlySpan<int> steps) =>
        (E0, E1, E2, E3, E4, E5, S0, S1, S2, S3, S4, S5) = (extents[0], extents[1], extents[2], extents[3], extents[4], extents[5],
            steps[0], steps[1], steps[2], steps[3], steps[4], steps[5]);

    /// <summary>Extent of an axis of y; 1 where there are fewer than six, at the front.</summary>
    public int E0 { get; }

    /// <inheritdoc cref="E0"/>
    public int E1 { get; }

    /// <inheritdoc cref="E0"/>
    public int E2 { get; }

    /// <inheritdoc cref="E0"/>
    public int E3 { get; }

    /// <inheritdoc cref="E0"/>
    public int E4 { get; }

    /// <inheritdoc cref="E0"/>
    public int E5 { get; }

    /// <summary>How far one step along an axis of y moves in x.</summary>
    public int S0 { get; }

    /// <inheritdoc cref="S0"/>
    public int S1 { get; }

    /// <inheritdoc cref="S0"/>
    public int S2 { get; }

    /// <inheritdoc cref="S0"/>
    public int S3 { get; }

    /// <inheritdoc cref="S0"/>
    public int S4 { get; }

    /// <inheritdoc cref="S0"/>
    public int S5 { get; }

    /// <summary>For a valid permutation.</summary>
    public static PermutedAxes Merge(ReadOnlySpan<int> extents, ReadOnlySpan<int> order)
    {
        Span<int> strides = stackalloc int[extents.Length];
        for (int axis = extents.Length - 1, stride = 1; axis >= 0; stride *= extents[axis], axis--)
        {
            strides[axis] = stride;
        }

        Span<int> merged = [1, 1, 1, 1, 1, 1], steps = [0, 0, 0, 0, 0, 0];
        int at = merged.Length;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            int extent = extents[order[i]], step = strides[order[i]];
            if (extent == 1)
            {
                continue;
            }

            if (at < merged.Length && step == (long)steps[at] * merged[at])
            {
                merged[at] *= extent;
                continue;
            }

            at--;
            merged[at] = extent;
            steps[at] = step;
        }

        return new PermutedAxes(merged, steps);
    }

    /// <summary>Where in x element <paramref name="index"/> of y lies.</summary>
    public int Source(int index)
    {
        int at = index % E5 * S5, left = index / E5;
        at += left % E4 * S4;
        left /= E4;
        at += left % E3 * S3;
        left /= E3;
        at += left % E2 * S2;
        left /= E2;
        return at + (left % E1 * S1) + (left / E1 * S0);
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct PermuteKernel(ArrayView<float> x, ArrayView<float> y, PermutedAxes axes) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => y[index] = x[axes.Source(index)];
}
