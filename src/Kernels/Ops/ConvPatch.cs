using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// What a group keeps of x in shared memory while it works on a tile of 2x2-pooled output pixels, cells: all that the windows of a
/// convolution of stride 1 reach from there, with zeros outside of the image. A row has <see cref="Pitch"/> floats, pixels by channels as
/// in x, so that the taps of a row of the kernel lie next to each other.
/// </summary>
internal readonly struct ConvPatch
{
    /// <summary>Floats of a patch: 16 KiB, so that four groups find room on any multiprocessor.</summary>
    public const int Capacity = 4096;

    /// <summary>Cells of a tile, if they fit: enough to be worth the rim around them, few enough to share the work out evenly.</summary>
    private const int WantedCells = 256;

    private const int WantedWidth = 64;

    /// <summary>Banks of shared memory.</summary>
    private const int Banks = 32;

    /// <summary>Words of 128 bits that a group takes for a patch: what is read at its end may reach a little further.</summary>
    private const int Words = (Capacity / Float4.Count) + 2;

    private readonly ArrayView<float> _x;
    private readonly Conv2DGeometry _g;
    private readonly Divisor _pitch, _tilesOfImage, _tilesAcross;
    private readonly int _perImage, _across;

    private ConvPatch(ArrayView<float> x, Conv2DGeometry g, int height, int width)
    {
        (_x, _g, Height, Width) = (x, g, height, width);
        Pitch = PitchOf(g, width);
        (CellsDown, CellsAcross, OutWidth) = (g.OH / 2, g.OW / 2, g.OW);
        _across = (CellsAcross + width - 1) / width;
        _perImage = _across * ((CellsDown + height - 1) / height);
        (_pitch, _tilesOfImage, _tilesAcross) = (new Divisor(Pitch), new Divisor(_perImage), new Divisor(_across));
    }

    /// <summary>Rows of cells of a tile; the last ones of an image may be cut off.</summary>
    public int Height { get; }

    /// <summary>Cells of a row of a tile.</summary>
    public int Width { get; }

    /// <summary>Floats of a row.</summary>
    public int Pitch { get; }

    /// <summary>Which pixel meets which weight.</summary>
    public Conv2DGeometry Geometry => _g;

    /// <summary>Rows of cells of an image.</summary>
    public int CellsDown { get; }

    /// <summary>Cells of a row of an image.</summary>
    public int CellsAcross { get; }

    /// <summary>Pixels of a row of what is pooled.</summary>
    public int OutWidth { get; }

    /// <summary>Tiles of all images.</summary>
    public int Tiles => _g.X.N * _perImage;

    private int Rows => (2 * Height) + ((_g.KH - 1) * _g.DilationH);

    /// <summary>A patch for this convolution, which has a window of 2x2 to pool at least; false where none is small enough.</summary>
    internal static bool TryPlan(ArrayView<float> x, Conv2DGeometry g, out ConvPatch patch)
    {
        int down = g.OH / 2, across = g.OW / 2, strips = (across + WantedWidth - 1) / WantedWidth;
        int width = (across + strips - 1) / strips, height = Math.Clamp(WantedCells / width, 1, down);
        while ((height > 1 || width > 1) && Floats(g, height, width) > Capacity)
        {
            (height, width) = height > 1 ? ((height + 1) / 2, width) : (height, (width + 1) / 2);
        }

        bool fits = Floats(g, height, width) <= Capacity;
        patch = fits ? new ConvPatch(x, g, height, width) : default;
        return fits;
    }

    /// <summary>Room for a patch; all threads of a group call it.</summary>
    internal static ArrayView<Float4> Allocate() => SharedMemory.Allocate<Float4>(Words);

    /// <summary>Where a tile lies.</summary>
    internal ConvTile Tile(int index)
    {
        int n = _tilesOfImage.Quotient(index), tile = index - (n * _perImage), line = _tilesAcross.Quotient(tile);
        int row = line * Height, column = (tile - (line * _across)) * Width;
        return new ConvTile(n, row, column, Math.Min(Height, CellsDown - row), Math.Min(Width, CellsAcross - column));
    }

    /// <summary>
    /// All threads of a group fill the patch of a tile, and what the last run of taps reads behind it; the caller puts a barrier before and
    /// after.
    /// </summary>
    internal void Fill(ArrayView<float> patch, ConvTile tile)
    {
        int firstRow = (2 * tile.Row) - _g.PadTop, firstColumn = ((2 * tile.Column) - _g.PadLeft) * _g.X.C;
        int image = tile.N * _g.X.H, step = Group.DimX, count = (Rows * Pitch) + TapRun.Count - 1;

        // Four loads under way at a time: a loop of single ones waits for memory in each round.
        for (int i = Group.IdxX; i < count; i += 4 * step)
        {
            float a = At(i, image, firstRow, firstColumn), b = At(i + step, image, firstRow, firstColumn);
            float c = At(i + (2 * step), image, firstRow, firstColumn), d = At(i + (3 * step), image, firstRow, firstColumn);
            patch[i] = a;
            Put(patch, i + step, count, b);
            Put(patch, i + (2 * step), count, c);
            Put(patch, i + (3 * step), count, d);
        }
    }

    private static void Put(ArrayView<float> patch, int at, int count, float value)
    {
        if (at < count)
        {
            patch[at] = value;
        }
    }

    /// <summary>Float <paramref name="i"/> of a patch; beyond its end some other pixel or 0.</summary>
    private float At(int i, int image, int firstRow, int firstColumn)
    {
        int line = _pitch.Quotient(i), row = firstRow + line, column = firstColumn + i - (line * Pitch), width = _g.X.W * _g.X.C;
        float value = 0;
        if ((uint)row < (uint)_g.X.H && (uint)column < (uint)width)
        {
            value = _x[((image + row) * width) + column];
        }

        return value;
    }

    private static long Floats(Conv2DGeometry g, int height, int width) =>
        ((2 * height) + ((g.KH - 1L) * g.DilationH)) * Math.Min(Capacity + 1L, PitchWanted(g, width) + Banks);

    private static long PitchWanted(Conv2DGeometry g, int width) => ((2 * width) + ((g.KW - 1L) * g.DilationW)) * g.X.C;

    /// <summary>
    /// Whole words of 128 bits, and such a number of them that the four pixels of a cell lie in different banks: the lanes of a warp read
    /// there.
    /// </summary>
    private static int PitchOf(Conv2DGeometry g, int width)
    {
        int pitch = (int)(PitchWanted(g, width) + Float4.Count - 1) / Float4.Count * Float4.Count;
        while (pitch % Banks == 0 || (pitch - g.X.C) % Banks == 0 || (pitch + g.X.C) % Banks == 0)
        {
            pitch += Float4.Count;
        }

        return pitch;
    }
}

/// <summary>Some cells of one image: the first one, and how many there are down and across.</summary>
internal readonly struct ConvTile(int n, int row, int column, int height, int width)
{
    public readonly int N = n, Row = row, Column = column, Height = height, Width = width;
}
