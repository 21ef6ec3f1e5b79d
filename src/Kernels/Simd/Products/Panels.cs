using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A matrix [depth, columns] cut into panels as wide as a register tile, each packed: a product streams through it once per six rows.
/// With 16 lanes a panel has 64 columns, the last one 32 if that is enough; else two registers. Missing columns are zero.
/// </summary>
internal readonly struct Panels
{
    private readonly int _lanes;

    private Panels(int lanes, int depth, int columns)
    {
        (_lanes, Depth, Columns) = (lanes, depth, columns);
        int narrow = 2 * lanes, wide = lanes == 16 ? 4 * lanes : narrow;
        Padded = (columns + narrow - 1) / narrow * narrow;
        Count = (Padded + wide - 1) / wide;
        Width = wide;
    }

    /// <summary>Rows.</summary>
    public int Depth { get; }

    /// <summary>Columns that exist.</summary>
    public int Columns { get; }

    /// <summary>Columns of all panels.</summary>
    public int Padded { get; }

    /// <summary>How many panels.</summary>
    public int Count { get; }

    /// <summary>Columns of all panels but the last.</summary>
    public int Width { get; }

    /// <summary>Floats of all panels.</summary>
    public long Floats => (long)Depth * Padded;

    /// <summary>Panels for a width of vectors.</summary>
    public static Panels For<TV>(int depth, int columns)
        where TV : unmanaged, IVector<TV> => new(TV.Lanes, depth, columns);

    /// <summary>Columns of a panel, those that are only zeros included.</summary>
    public int WidthOf(int panel) => Math.Min(Width, Padded - (panel * Width));

    /// <summary>Columns of a panel that exist.</summary>
    public int UsedOf(int panel) => Math.Min(Width, Columns - (panel * Width));

    /// <summary>Where a panel starts.</summary>
    public long Offset(int panel) => (long)panel * Width * Depth;

    /// <summary>Whether a panel takes the wide register tile.</summary>
    public bool IsWide(int panel) => WidthOf(panel) == 4 * _lanes;

    /// <summary>
    /// Packs rows of a panel, from row <paramref name="first"/> on, out of a matrix whose element (row, column) lies at row * rowStep +
    /// column * columnStep.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Pack(int panel, int first, int rows, float* matrix, long rowStep, long columnStep, float* packed)
    {
        int width = WidthOf(panel), used = UsedOf(panel);
        float* target = packed + Offset(panel) + ((long)first * width), source = matrix + (panel * Width * columnStep);
        if (columnStep == 1)
        {
            for (int row = 0; row < rows; row++, target += width, source += rowStep)
            {
                new ReadOnlySpan<float>(source, used).CopyTo(new Span<float>(target, used));
                new Span<float>(target + used, width - used).Clear();
            }

            return;
        }

        // In blocks of rows, so that what is read and what is written both stay in the first cache.
        const int Block = 16;
        for (int top = 0; top < rows; top += Block)
        {
            int bottom = Math.Min(rows, top + Block);
            for (int column = 0; column < used; column++)
            {
                for (int row = top; row < bottom; row++)
                {
                    target[((long)row * width) + column] = source[(row * rowStep) + (column * columnStep)];
                }
            }

            for (int row = top; row < bottom; row++)
            {
                new Span<float>(target + ((long)row * width) + used, width - used).Clear();
            }
        }
    }
}
