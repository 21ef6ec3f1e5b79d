namespace GpuCam.Model;

/// <summary>
/// A part of an axis: so many steps of so many numbers in memory. A class, as lists of structs would each be compiled anew.
/// </summary>
internal sealed record OnnxFactor(long Extent, long Stride);

/// <summary>
/// How a tensor of ONNX lies in memory: each of its axes is a product of factors, the slowest first, and a factor is a walk with one
/// stride. Transpose, Reshape, Flatten, Squeeze and Unsqueeze change the view and move nothing; what a kernel needs in another order is
/// permuted once, when it is needed. The memory is dense: the factors together visit each number once. The images of a batch are the
/// slowest walk; their number is not known when a model is read, and <see cref="Batch"/> stands for it.
/// </summary>
internal sealed class OnnxView
{
    /// <summary>
    /// Stands for the number of images in extents and in arithmetic on them. It is prime, so that a product shows whether it holds the
    /// batch, and below 2^24, so that it passes through float32 whole.
    /// </summary>
    public const long Batch = 16_777_213;

    private readonly OnnxFactor[][] _axes;

    private OnnxView(OnnxFactor[][] axes)
    {
        _axes = axes;
        Extents = [.. axes.Select(factors => factors.Aggregate(1L, (product, factor) => product * factor.Extent))];
    }

    /// <summary>The extents that ONNX sees, slowest first.</summary>
    public IReadOnlyList<long> Extents { get; }

    /// <summary>How many axes.</summary>
    public int Rank => _axes.Length;

    /// <summary>How many numbers.</summary>
    public long Count => Extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>The factors of an axis, slowest first; none for an extent of 1.</summary>
    public IReadOnlyList<OnnxFactor> this[int axis] => _axes[axis];

    /// <summary>A tensor that lies in memory axis by axis.</summary>
    public static OnnxView Dense(params IReadOnlyList<long> extents) => Dense(extents, [.. Enumerable.Range(0, extents.Count)]);

    /// <summary>A tensor whose axes lie in memory in this order, slowest first: 0, 2, 3, 1 for NCHW kept as NHWC.</summary>
    public static OnnxView Dense(IReadOnlyList<long> extents, IReadOnlyList<int> order)
    {
        var axes = new OnnxFactor[extents.Count][];
        long stride = 1;
        for (int i = order.Count - 1; i >= 0; i--)
        {
            long extent = extents[order[i]];
            axes[order[i]] = extent == 1 ? [] : [new OnnxFactor(extent, stride)];
            stride *= extent;
        }

        return new OnnxView(axes);
    }

    /// <summary>The axes in another order: axis <c>i</c> of the result is axis <c>order[i]</c> of this.</summary>
    public OnnxView Transpose(IReadOnlyList<int> order) => new([.. order.Select(axis => _axes[axis])]);

    /// <summary>Other extents with the same numbers in the same order; null if that cannot be seen without moving them.</summary>
    /// <exception cref="ArgumentException">The extents are not of as many numbers.</exception>
    public OnnxView? Reshape(params IReadOnlyList<long> extents)
    {
        if (Product(extents) != Count)
        {
            throw new ArgumentException($"[{string.Join(", ", extents)}] are not {Count} numbers", nameof(extents));
        }

        if (Count == 0)
        {
            return Dense(extents);
        }

        var left = new Stack<OnnxFactor>(Simple(_axes.SelectMany(factors => factors)).AsEnumerable().Reverse());
        var axes = new OnnxFactor[extents.Count][];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            var factors = new List<OnnxFactor>();
            for (long wanted = extents[axis]; wanted > 1;)
            {
                OnnxFactor next = left.Pop();
                if (wanted % next.Extent == 0)
                {
                    factors.Add(next);
                    wanted /= next.Extent;
                }
                else if (next.Extent % wanted == 0)
                {
                    long inner = next.Extent / wanted;
                    factors.Add(new OnnxFactor(wanted, next.Stride * inner));
                    left.Push(new OnnxFactor(inner, next.Stride));
                    wanted = 1;
                }
                else
                {
                    return null;
                }
            }

            axes[axis] = [.. factors];
        }

        return new OnnxView(axes);
    }

    /// <summary>
    /// How many numbers extents make; null if one is negative or they are beyond 64 bits, which no zero among them makes right.
    /// </summary>
    public static long? Product(IEnumerable<long> extents)
    {
        Int128 product = 1;
        bool isEmpty = false;
        foreach (long extent in extents)
        {
            product *= Math.Max(1, extent);
            isEmpty |= extent == 0;
            if (extent < 0 || product > long.MaxValue)
            {
                return null;
            }
        }

        return isEmpty ? 0 : (long)product;
    }

    /// <summary>Without the axes given, whose extents are 1.</summary>
    public OnnxView Squeeze(IReadOnlyCollection<int> axes) => new([.. _axes.Where((_, axis) => !axes.Contains(axis))]);

    /// <summary>With axes of extent 1 that have the given numbers in the result.</summary>
    public OnnxView Unsqueeze(IReadOnlyCollection<int> axes)
    {
        var old = new Queue<OnnxFactor[]>(_axes);
        return new([.. Enumerable.Range(0, Rank + axes.Count).Select(axis => axes.Contains(axis) ? [] : old.Dequeue())]);
    }

    /// <summary>Whether the axes lie in memory in the order <paramref name="order"/>, slowest first, each of them whole.</summary>
    public bool Lies(params IReadOnlyList<int> order)
    {
        long stride = 1;
        foreach (OnnxFactor factor in order.SelectMany(axis => _axes[axis]).Reverse())
        {
            if (factor.Stride != stride)
            {
                return false;
            }

            stride *= factor.Extent;
        }

        return true;
    }

    /// <summary>Whether both see the same numbers at the same places.</summary>
    public bool IsSameAs(OnnxView other) =>
        Extents.SequenceEqual(other.Extents) && _axes.Zip(other._axes).All(pair => Simple(pair.First).SequenceEqual(Simple(pair.Second)));

    /// <summary>
    /// How memory has to be permuted so that the axes lie in the order <paramref name="order"/>: the extents of memory as it is, slowest
    /// first, and the order in which the new memory has them. Neighbours that stay together are one.
    /// </summary>
    public (long[] Extents, int[] Order) Permutation(params IReadOnlyList<int> order)
    {
        List<OnnxFactor> target = Simple(order.SelectMany(axis => _axes[axis]));
        List<OnnxFactor> source = [.. target.OrderByDescending(factor => factor.Stride)];
        return ([.. source.Select(factor => factor.Extent)], [.. target.Select(factor => source.IndexOf(factor))]);
    }

    /// <summary>The order of the axes in memory, slowest first, for axes that are whole; null if one of them is torn apart.</summary>
    public int[]? MemoryOrder()
    {
        int[] order = [.. Enumerable.Range(0, Rank).OrderByDescending(axis => _axes[axis].Length == 0 ? 0 : _axes[axis][0].Stride)];
        return Lies(order) ? order : null;
    }

    /// <summary>Without extents of 1, and with neighbours that are one walk as one.</summary>
    private static List<OnnxFactor> Simple(IEnumerable<OnnxFactor> factors)
    {
        var simple = new List<OnnxFactor>();
        foreach (OnnxFactor factor in factors.Where(factor => factor.Extent != 1))
        {
            if (simple.Count > 0 && simple[^1].Stride == factor.Extent * factor.Stride && simple[^1].Extent != Batch)
            {
                simple[^1] = new OnnxFactor(simple[^1].Extent * factor.Extent, factor.Stride);
            }
            else
            {
                simple.Add(factor);
            }
        }

        return simple;
    }
}
