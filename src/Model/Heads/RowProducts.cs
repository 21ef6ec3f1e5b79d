using System.Numerics;

namespace GpuCam.Model;

/// <summary>
/// Products of a matrix of floats and one of doubles: <c>y[r, c] += Σ_d x[r, d] b[d, c]</c>, four rows and two vectors of columns at a
/// time. Every sum goes over d in order with one rounding a term, so that neither threads nor the width of vectors change a bit.
/// </summary>
internal static class RowProducts
{
    /// <summary>Rows that go together; fewer take the same path, one by one.</summary>
    public const int Rows = 4;

    /// <summary>What the number of columns must be a multiple of.</summary>
    public static int Columns => 2 * Vector<double>.Count;

    /// <summary>So many columns, filled up to such a multiple.</summary>
    public static int Padded(int columns) => (columns + Columns - 1) / Columns * Columns;

    /// <summary>Adds the product to y.</summary>
    /// <param name="x">The element of row r and depth d at r * rowStride + d * depthStride.</param>
    /// <param name="rowStride">Distance of rows in x.</param>
    /// <param name="depthStride">Distance of the terms of a sum in x.</param>
    /// <param name="rows">Rows of x and of y.</param>
    /// <param name="depth">Terms of a sum: rows of b.</param>
    /// <param name="b">[depth, columns].</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="columns">A multiple of <see cref="Columns"/>.</param>
    public static void Add(
        ReadOnlySpan<float> x, int rowStride, int depthStride, int rows, int depth, ReadOnlySpan<double> b, Span<double> y, int columns)
    {
        int row = 0;
        for (; row <= rows - Rows; row += Rows)
        {
            for (int column = 0; column < columns; column += Columns)
            {
                Four(x[(row * rowStride)..], rowStride, depthStride, depth, b[column..], y[((row * columns) + column)..], columns);
            }
        }

        for (; row < rows; row++)
        {
            for (int column = 0; column < columns; column += Columns)
            {
                One(x[(row * rowStride)..], depthStride, depth, b[column..], y[((row * columns) + column)..], columns);
            }
        }
    }

    private static void Four(
        ReadOnlySpan<float> x, int rowStride, int depthStride, int depth, ReadOnlySpan<double> b, Span<double> y, int columns)
    {
        int width = Vector<double>.Count;
        Span<double> y1 = y[columns..], y2 = y[(2 * columns)..], y3 = y[(3 * columns)..];
        Vector<double> a0 = new(y), b0 = new(y[width..]), a1 = new(y1), b1 = new(y1[width..]);
        Vector<double> a2 = new(y2), b2 = new(y2[width..]), a3 = new(y3), b3 = new(y3[width..]);
        for (int d = 0; d < depth; d++)
        {
            int at = d * depthStride;
            ReadOnlySpan<double> term = b.Slice(d * columns, 2 * width);
            Vector<double> left = new(term), right = new(term[width..]);
            var factor = new Vector<double>(x[at]);
            a0 = Vector.FusedMultiplyAdd(factor, left, a0);
            b0 = Vector.FusedMultiplyAdd(factor, right, b0);
            factor = new Vector<double>(x[at + rowStride]);
            a1 = Vector.FusedMultiplyAdd(factor, left, a1);
            b1 = Vector.FusedMultiplyAdd(factor, right, b1);
            factor = new Vector<double>(x[at + (2 * rowStride)]);
            a2 = Vector.FusedMultiplyAdd(factor, left, a2);
            b2 = Vector.FusedMultiplyAdd(factor, right, b2);
            factor = new Vector<double>(x[at + (3 * rowStride)]);
            a3 = Vector.FusedMultiplyAdd(factor, left, a3);
            b3 = Vector.FusedMultiplyAdd(factor, right, b3);
        }

        a0.CopyTo(y);
        b0.CopyTo(y[width..]);
        a1.CopyTo(y1);
        b1.CopyTo(y1[width..]);
        a2.CopyTo(y2);
        b2.CopyTo(y2[width..]);
        a3.CopyTo(y3);
        b3.CopyTo(y3[width..]);
    }

    private static void One(ReadOnlySpan<float> x, int depthStride, int depth, ReadOnlySpan<double> b, Span<double> y, int columns)
    {
        int width = Vector<double>.Count;
        Vector<double> sum = new(y), second = new(y[width..]);
        for (int d = 0; d < depth; d++)
        {
            ReadOnlySpan<double> term = b.Slice(d * columns, 2 * width);
            var factor = new Vector<double>(x[d * depthStride]);
            sum = Vector.FusedMultiplyAdd(factor, new Vector<double>(term), sum);
            second = Vector.FusedMultiplyAdd(factor, new Vector<double>(term[width..]), second);
        }

        sum.CopyTo(y);
        second.CopyTo(y[width..]);
    }
}
