using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Where the results of <see cref="ProductBatches"/> lie: matrices in rows of some pitch, which may have others beside them.
/// </summary>
internal readonly struct ProductResult
{
    private readonly ArrayView<float> _values;
    private readonly int _pitch, _start, _batch, _split, _isWide;

    /// <summary>Dense rows, one result after the other.</summary>
    /// <param name="result">The tensor.</param>
    /// <param name="columns">Columns of one result.</param>
    internal ProductResult(Tensor result, int columns)
        : this(result, columns, columns, 0, 0, 0)
    {
    }

    /// <summary>Rows somewhere in a tensor.</summary>
    /// <param name="result">The tensor.</param>
    /// <param name="columns">Columns of one result.</param>
    /// <param name="pitch">Floats from row to row.</param>
    /// <param name="start">Where the first result begins.</param>
    /// <param name="batch">Floats from one result to the next.</param>
    /// <param name="split">Floats from one part of a split sum to the next.</param>
    internal ProductResult(Tensor result, int columns, int pitch, int start, int batch, int split)
    {
        (_values, _pitch, _start, _batch, _split) = (result.View, pitch, start, batch, split);
        (Columns, _isWide) = (columns, Quads.Fit(columns, result) && (pitch | start | batch | split) % Float4.Count == 0 ? 1 : 0);
    }

    /// <summary>Columns of one result.</summary>
    public int Columns { get; }

    /// <summary>Stores what exists of 4x4 elements, the first at (row, column) of a result of so many rows.</summary>
    public void Store(int batch, int row, int column, int rows, int split, Tile4x4 sum)
    {
        int at = _start + (batch * _batch) + (split * _split) + (row * _pitch) + column;
        Put(at, column, sum.R0);
        if (row + 1 < rows)
        {
            Put(at + _pitch, column, sum.R1);
        }

        if (row + 2 < rows)
        {
            Put(at + (2 * _pitch), column, sum.R2);
        }

        if (row + 3 < rows)
        {
            Put(at + (3 * _pitch), column, sum.R3);
        }
    }

    /// <summary>Stores what exists of 4 elements of a row.</summary>
    public void Store(int batch, int row, int column, Float4 sum) => Put(_start + (batch * _batch) + (row * _pitch) + column, column, sum);

    /// <summary>Stores one.</summary>
    public void Store(int batch, int row, int column, float sum) => _values[_start + (batch * _batch) + (row * _pitch) + column] = sum;

    private void Put(int at, int column, Float4 row)
    {
        if (_isWide != 0)
        {
            row.Store(_values, at);
        }
        else
        {
            row.Store(_values, at, new Lanes(column, Columns, 1));
        }
    }
}
