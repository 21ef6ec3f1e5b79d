using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Four rows of four columns in registers: a quarter of what a thread of a tiled product owns.</summary>
public readonly struct Tile4x4
{
    internal readonly Float4 R0, R1, R2, R3;

    internal Tile4x4(Float4 r0, Float4 r1, Float4 r2, Float4 r3)
    {
        R0 = r0;
        R1 = r1;
        R2 = r2;
        R3 = r3;
    }

    /// <summary>This + <paramref name="column"/> * <paramref name="row"/>, the outer product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Tile4x4 Plus(Float4 column, Float4 row) =>
        new(R0.Plus(column.F0, row), R1.Plus(column.F1, row), R2.Plus(column.F2, row), R3.Plus(column.F3, row));

    /// <summary>This + <paramref name="row"/> in every row.</summary>
    internal Tile4x4 Plus(Float4 row) => new(R0.Plus(row), R1.Plus(row), R2.Plus(row), R3.Plus(row));

    /// <summary>max(this, 0) element by element; a NaN stays one.</summary>
    internal Tile4x4 Relu() => new(R0.Relu(), R1.Relu(), R2.Relu(), R3.Relu());

    /// <summary>
    /// Writes what lies inside a row-major matrix of <paramref name="rows"/> x <paramref name="columns"/> that starts at
    /// <paramref name="start"/>, the first element at (row, column).
    /// </summary>
    internal void Store(ArrayView<float> matrix, int start, int row, int column, int rows, int columns)
    {
        var lanes = new Lanes(column, columns, 1);
        int at = start + (row * columns) + column;
        R0.Store(matrix, at, lanes);
        if (row + 1 < rows)
        {
            R1.Store(matrix, at + columns, lanes);
        }

        if (row + 2 < rows)
        {
            R2.Store(matrix, at + (2 * columns), lanes);
        }

        if (row + 3 < rows)
        {
            R3.Store(matrix, at + (3 * columns), lanes);
        }
    }
}
