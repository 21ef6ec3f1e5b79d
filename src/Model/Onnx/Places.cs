namespace GpuCam.Model;

/// <summary>Where numbers that come in the order of memory go.</summary>
internal sealed class Places
{
    private readonly long[] _extents;
    private readonly int[] _strides;
    private readonly long[] _index;
    private int _place;

    /// <param name="permutation">The extents of memory as it is, and the order in which the new memory has them.</param>
    /// <param name="first">The number to begin with.</param>
    public Places((long[] Extents, int[] Order) permutation, long first = 0)
    {
        (_extents, int[] order) = permutation;
        (_index, _strides) = (new long[_extents.Length], new int[_extents.Length]);
        int stride = 1;
        foreach (int axis in order.Reverse())
        {
            _strides[axis] = stride;
            stride *= (int)_extents[axis];
        }

        for (int axis = _extents.Length - 1; axis >= 0; axis--)
        {
            (first, _index[axis]) = Math.DivRem(first, _extents[axis]);
            _place += (int)_index[axis] * _strides[axis];
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
