using System.Runtime.CompilerServices;

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

    /// <summary>A function of every element.</summary>
    internal Tile4x4 Apply<TFunction>(float alpha, float beta)
        where TFunction : struct, IUnaryFunction =>
        new(Apply<TFunction>(R0, alpha, beta), Apply<TFunction>(R1, alpha, beta), Apply<TFunction>(R2, alpha, beta),
            Apply<TFunction>(R3, alpha, beta));

    /// <summary>Every element one place on, row after row; <paramref name="last"/> behind them in place of the first.</summary>
    internal Tile4x4 Rotate(float last) => new(
        new Float4(R0.F1, R0.F2, R0.F3, R1.F0), new Float4(R1.F1, R1.F2, R1.F3, R2.F0),
        new Float4(R2.F1, R2.F2, R2.F3, R3.F0), new Float4(R3.F1, R3.F2, R3.F3, last));

    private static Float4 Apply<TFunction>(Float4 x, float alpha, float beta)
        where TFunction : struct, IUnaryFunction
    {
        TFunction f = default;
        return new Float4(f.Value(x.F0, alpha, beta), f.Value(x.F1, alpha, beta), f.Value(x.F2, alpha, beta), f.Value(x.F3, alpha, beta));
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
