namespace GpuCam.Model;

/// <summary>
/// A value that does not depend on the image: weights, which stay in the file until they are copied to where they are used, or the small
/// numbers that shapes are computed with. Transposed and reshaped, it is another view of the same numbers.
/// </summary>
internal sealed class OnnxConstant
{
    /// <summary>Most numbers that are made at load: tensors that only look small in a file are not blown up.</summary>
    public const int MostMade = 1 << 24;

    private const int Chunk = 1 << 16;

    private readonly OnnxNumbers _numbers;

    private OnnxConstant(OnnxType type, OnnxView view, OnnxNumbers numbers) => (Type, View, _numbers) = (type, view, numbers);

    /// <summary>A tensor of the file.</summary>
    public OnnxConstant(OnnxTensor tensor) : this(tensor.Type, OnnxView.Dense(tensor.Extents), new FileNumbers(tensor)) =>
        Name = tensor.Name;

    /// <summary>Numbers in C order.</summary>
    public OnnxConstant(IReadOnlyList<long> extents, OnnxNumbers numbers) : this(OnnxType.Float, OnnxView.Dense(extents), numbers)
    {
    }

    /// <summary>Numbers in C order.</summary>
    public OnnxConstant(IReadOnlyList<long> extents, float[] values) : this(extents, new ArrayNumbers(values))
    {
    }

    /// <summary>Integers in C order.</summary>
    public OnnxConstant(IReadOnlyList<long> extents, long[] values, OnnxType type = OnnxType.Int64)
        : this(type, OnnxView.Dense(extents), new IntegerNumbers(values))
    {
    }

    /// <summary>Of the tensor in the file that it comes from; empty for what was computed.</summary>
    public string Name { get; init; } = "";

    /// <summary>The number format that ONNX would have it in.</summary>
    public OnnxType Type { get; }

    /// <summary>Whether it holds whole numbers or booleans.</summary>
    public bool IsInteger => Type.IsInteger;

    /// <summary>How its axes lie in its numbers.</summary>
    public OnnxView View { get; }

    /// <summary>Extents, slowest first.</summary>
    public IReadOnlyList<long> Extents => View.Extents;

    /// <summary>How many numbers.</summary>
    public long Count => _numbers.Count;

    /// <summary>The same numbers seen otherwise.</summary>
    public OnnxConstant With(OnnxView view) => new(Type, view, _numbers) { Name = Name };

    /// <summary>The same numbers of another format; between floats only, as nothing is converted.</summary>
    public OnnxConstant With(OnnxType type) => new(type, View, _numbers) { Name = Name };

    /// <summary>Other numbers, one for each of these and in their places.</summary>
    public OnnxConstant Map(Func<OnnxNumbers, OnnxNumbers> map) => new(OnnxType.Float, View, map(_numbers)) { Name = Name };

    /// <summary>All numbers in the order of the axes, the last fastest.</summary>
    public unsafe void CopyTo(Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, Count);
        int[] all = [.. Enumerable.Range(0, View.Rank)];
        if (View.Lies(all))
        {
            _numbers.CopyTo(target, 0);
            return;
        }

        (long[] Extents, int[] Order) permutation = View.Permutation(all);
        if (permutation.Order[^1] == 0 && Count > 0)
        {
            fixed (float* start = target)
            {
                new RowTurn(_numbers, permutation, start).Run();
            }

            return;
        }

        // The source is read once, forward; its numbers go to their places.
        Places places = new(permutation);
        float[] chunk = new float[Math.Min(Chunk, target.Length)];
        for (int start = 0; start < target.Length; start += chunk.Length)
        {
            Span<float> part = chunk.AsSpan(0, Math.Min(chunk.Length, target.Length - start));
            _numbers.CopyTo(part, start);
            foreach (float value in part)
            {
                target[places.Next()] = value;
            }
        }
    }

    /// <summary>All numbers in the order of the axes; at most <see cref="MostMade"/> of them.</summary>
    public float[] ToFloats()
    {
        float[] values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>All integers in the order of the axes.</summary>
    /// <exception cref="InvalidOperationException">It holds none.</exception>
    public long[] ToIntegers()
    {
        long[] integers = _numbers.Integers ?? throw new InvalidOperationException("no integers");
        int[] all = [.. Enumerable.Range(0, View.Rank)];
        if (View.Lies(all))
        {
            return integers;
        }

        Places places = new(View.Permutation(all));
        long[] moved = new long[integers.Length];
        foreach (long value in integers)
        {
            moved[places.Next()] = value;
        }

        return moved;
    }
}
