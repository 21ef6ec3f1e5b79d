using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCam.Model;

/// <summary>
/// The usual turn of weights: what is slowest in the file, output channels (rows), is fastest in memory. It goes by tiles of some rows and
/// columns that lie in the second-level cache, on all cores where that is worth it; neighbours in memory are written together.
/// </summary>
internal sealed unsafe class RowTurn
{
    private const int TileRows = 64, TileColumns = 2048, Four = 4;

    /// <summary>Behind each row of a tile, so that a column does not fall into one set of the first-level cache.</summary>
    private const int Gap = 16;

    /// <summary>Fewer numbers than this are turned sooner than a second thread wakes.</summary>
    private const long WorthThreads = 1 << 17;

    private readonly OnnxNumbers _numbers;
    private readonly (long[] Extents, int[] Order) _permutation;
    private readonly float* _target;
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _tilesAcross;

    /// <param name="numbers">In the order of the file.</param>
    /// <param name="permutation">Of them; its first extent is the last in the order.</param>
    /// <param name="target">As many numbers, turned; written whole.</param>
    public RowTurn(OnnxNumbers numbers, (long[] Extents, int[] Order) permutation, float* target)
    {
        _numbers = numbers;
        _target = target;
        _rows = (int)permutation.Extents[0];
        _columns = (int)(numbers.Count / _rows);
        _permutation = ([.. permutation.Extents.Skip(1)], [.. permutation.Order.SkipLast(1).Select(axis => axis - 1)]);
        _tilesAcross = (_columns + TileColumns - 1) / TileColumns;
    }

    /// <summary>Writes the target.</summary>
    public void Run()
    {
        int tiles = _tilesAcross * ((_rows + TileRows - 1) / TileRows);
        if (tiles == 1 || _numbers.Count < WorthThreads)
        {
            float[] buffer = Buffer();
            for (int tile = 0; tile < tiles; tile++)
            {
                Turn(tile, buffer);
            }

            return;
        }

        try
        {
            Parallel.For(0, tiles, Buffer, (tile, _, buffer) => Turn(tile, buffer), _ => { });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<GpuCamException>().FirstOrDefault() is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private float[] Buffer() => GC.AllocateUninitializedArray<float>(Math.Min(TileRows, _rows) * (Math.Min(TileColumns, _columns) + Gap));

    private float* Target(Places places, int row) => _target + ((long)places.Next() * _rows) + row;

    /// <summary>Four columns at a time become rows by shuffles of four numbers, where the processor has them.</summary>
    private float[] Turn(int tile, float[] buffer)
    {
        int row = tile / _tilesAcross * TileRows, column = tile % _tilesAcross * TileColumns;
        int rows = Math.Min(TileRows, _rows - row), columns = Math.Min(TileColumns, _columns - column), stride = columns + Gap;
        for (int k = 0; k < rows; k++)
        {
            _numbers.CopyTo(buffer.AsSpan(k * stride, columns), ((long)(row + k) * _columns) + column);
        }

        var places = new Places(_permutation, column);
        fixed (float* start = buffer)
        {
            int done = 0;
            for (; Sse.IsSupported && done + Four <= columns; done += Four)
            {
                float* first = Target(places, row), second = Target(places, row), third = Target(places, row), fourth = Target(places, row);
                int k = 0;
                for (float* source = start + done; k + Four <= rows; k += Four, source += Four * stride)
                {
                    Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + stride);
                    Vector128<float> c = Vector128.Load(source + (2 * stride)), d = Vector128.Load(source + (3 * stride));
                    Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
                    Sse.MoveLowToHigh(ab, cd).Store(first + k);
                    Sse.MoveHighToLow(cd, ab).Store(second + k);
                    ab = Sse.UnpackHigh(a, b);
                    cd = Sse.UnpackHigh(c, d);
                    Sse.MoveLowToHigh(ab, cd).Store(third + k);
                    Sse.MoveHighToLow(cd, ab).Store(fourth + k);
                }

                for (float* source = start + done + (k * stride); k < rows; k++, source += stride)
                {
                    (first[k], second[k], third[k], fourth[k]) = (source[0], source[1], source[2], source[3]);
                }
            }

            for (; done < columns; done++)
            {
                float* target = Target(places, row), source = start + done;
                for (int k = 0; k < rows; k++, source += stride)
                {
                    target[k] = *source;
                }
            }
        }

        return buffer;
    }
}
