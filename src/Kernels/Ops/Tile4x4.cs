using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Four rows of four columns in registers: a quarter of what a thread of a tiled product owns.</summary>
internal readonly struct Tile4x4
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
    /// <paramref name="start"/>, the first element at (row, column). <paramref name="wide"/> is not 0 where start and columns are
    /// multiples of 4.
    /// </summary>
    internal void Store(ArrayView<float> matrix, int start, int row, int column, int rows, int columns, int wide)
    {
        int at = start + (row * columns) + column;
        StoreRow(matrix, R0, at, column, columns, wide);
        if (row + 1 < rows)
        {
            StoreRow(matrix, R1, at + columns, column, columns, wide);
        }

        if (row + 2 < rows)
        {
            StoreRow(matrix, R2, at + (2 * columns), column, columns, wide);
        }

        if (row + 3 < rows)
        {
            StoreRow(matrix, R3, at + (3 * columns), column, columns, wide);
        }
    }

    private static void StoreRow(ArrayView<float> matrix, Float4 row, int at, int column, int columns, int wide)
    {
        if (wide != 0)
        {
            row.Store(matrix, at);
        }
        else
        {
            row.Store(matrix, at, new Lanes(column, columns, 1));
        }
    }
}

/// <summary>What a thread of a tiled product owns: four blocks, half a tile apart.</summary>
internal readonly struct Tile8x8(Tile4x4 topLeft, Tile4x4 topRight, Tile4x4 bottomLeft, Tile4x4 bottomRight)
{
    internal readonly Tile4x4 TopLeft = topLeft, TopRight = topRight, BottomLeft = bottomLeft, BottomRight = bottomRight;

    /// <summary>This + the outer product of eight elements of a column of A and eight of a row of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Tile8x8 Plus(Float4 top, Float4 bottom, Float4 near, Float4 far) =>
        new(TopLeft.Plus(top, near), TopRight.Plus(top, far), BottomLeft.Plus(bottom, near), BottomRight.Plus(bottom, far));
}
