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
    public void CopyTo(Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, Count);
        int[] all = [.. Enumerable.Range(0, View.Rank)];
        if (View.Lies(all))
        {
            _numbers.CopyTo(target, 0);
            return;
        }

        (long[] Extents, int[] Order) permutation = View.Permutation(all);
        long rows = permutation.Extents[0];
        if (permutation.Order[^1] == 0 && Count / rows is > 0 and <= Chunk)
        {
            TurnRows(target, permutation, (int)rows);
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

    /// <summary>
    /// The usual order of weights: what is slowest in the file, output channels, is fastest in memory. Some rows are read at a time, so
    /// that neighbours in memory are written together.
    /// </summary>
    private void TurnRows(Span<float> target, (long[] Extents, int[] Order) permutation, int rows)
    {
        const int Together = 16;
        int length = target.Length / rows;
        float[] block = new float[Together * length];
        for (int row = 0; row < rows; row += Together)
        {
            int count = Math.Min(Together, rows - row);
            _numbers.CopyTo(block.AsSpan(0, count * length), (long)row * length);
            Places places = new(([.. permutation.Extents.Skip(1)], [.. permutation.Order.SkipLast(1).Select(axis => axis - 1)]));
            for (int i = 0; i < length; i++)
            {
                Span<float> together = target.Slice((places.Next() * rows) + row, count);
                for (int k = 0; k < together.Length; k++)
                {
                    together[k] = block[(k * length) + i];
                }
            }
        }
    }

    /// <summary>Where numbers that come in the order of memory go.</summary>
    private sealed class Places
    {
        private readonly long[] _extents;
        private readonly int[] _strides;
        private readonly long[] _index;
        private int _place;

        public Places((long[] Extents, int[] Order) permutation)
        {
            (_extents, int[] order) = permutation;
            (_index, _strides) = (new long[_extents.Length], new int[_extents.Length]);
            int stride = 1;
            foreach (int axis in order.Reverse())
            {
                _strides[axis] = stride;
                stride *= (int)_extents[axis];
            }
        }

        public int Next()
        {
            int place = _place;
            for (int axis = _extents.Length - 1; axis >= 0; axis--)
            {
                _place += _strides[axis];
                if (++_index[axis] < _extents[axis])
                {
                    break;
                }

                _place -= _strides[axis] * (int)_extents[axis];
                _index[axis] = 0;
            }

            return place;
        }
    }
}
