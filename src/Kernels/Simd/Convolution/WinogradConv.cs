using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// 3x3 convolutions of stride 1 by Winograd's method, and their gradients with respect to the input, which are such convolutions too. A
/// part of the work is a block of tiles, all of whose planes lie in a core's cache:
/// <code>
/// windows   [plane, tile, ic]      B' d B of each tile's window; pixels outside the image are zeros
/// products  [plane, six tiles, panel of oc, 6, width]     = windows * U
/// result    A' products A, bias, residual, activation
/// </code>
/// Plane after plane is multiplied, so that the weight streams by once per block.
/// </summary>
internal static unsafe class WinogradConv
{
    private const int WindowSlot = 0;
    private const int ProductSlot = 1;

    /// <summary>Bytes of a block's windows and products.</summary>
    private const long BlockBytes = 1 << 20;

    /// <summary>Tiles of a block at least: enough products per float of the weight to wait for none from the third cache.</summary>
    private const int FewestTiles = 5 * RegisterTile.Rows;

    /// <summary>Floats between planes beyond their length, lest all of a tile's planes fall on one set of the cache.</summary>
    internal const int Skew = AlignedBuffer.Line;

    /// <summary>Tiles of a block.</summary>
    public static int BlockTiles<TForm>(int threads, int tiles, int ic, int padded)
        where TForm : struct, IWinogradForm
    {
        long perTile = (long)sizeof(float) * TForm.Window * TForm.Window * (ic + padded);
        long most = Math.Max(FewestTiles, BlockBytes / perTile / RegisterTile.Rows * RegisterTile.Rows);
        long blocks = (tiles + most - 1) / most;
        blocks = blocks < threads ? Math.Min(threads, Math.Max(1, tiles / RegisterTile.Rows)) : blocks / threads * threads;
        long each = (tiles + blocks - 1) / blocks;
        return (int)((each + RegisterTile.Rows - 1) / RegisterTile.Rows * RegisterTile.Rows);
    }

    /// <summary>Writes y[pixel * step + channel]; U is [plane, panel, ic, width] (<see cref="WinogradPanels"/>).</summary>
    public static void Run<TV, TForm>(
        HostThreads team, WinogradImages images, float* u, Panels panels, HostEpilogue epilogue, float* y, long step)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int tiles = images.Tiles(TForm.Tile), block = BlockTiles<TForm>(team.Count, tiles, images.Channels, panels.Padded);
        team.Parts((tiles + block - 1) / block, part =>
        {
            int first = part * block, count = Math.Min(block, tiles - first), ic = images.Channels;
            int groups = (count + RegisterTile.Rows - 1) / RegisterTile.Rows;
            long windowPlane = ((long)groups * RegisterTile.Rows * ic) + Skew;
            long productPlane = ((long)groups * RegisterTile.Rows * panels.Padded) + Skew;
            int planes = TForm.Window * TForm.Window;
            float* windows = Scratch.Get(WindowSlot, planes * windowPlane), products = Scratch.Get(ProductSlot, planes * productPlane);
            for (int tile = 0; tile < count; tile++)
            {
                (int n, int row, int column) = images.Place(first + tile, TForm.Tile);
                Windows<TV, TForm>(images, n, row, column, windows + ((long)tile * ic), windowPlane);
            }

            for (int plane = 0; plane < planes; plane++)
            {
                Multiply<TV>(
                    windows + (plane * windowPlane), count, ic, u + (plane * panels.Floats), panels, products + (plane * productPlane));
            }

            for (int tile = 0; tile < count; tile++)
            {
                (int n, int row, int column) = images.Place(first + tile, TForm.Tile);
                float* place = products + ((long)(tile / RegisterTile.Rows) * RegisterTile.Rows * panels.Padded);
                Outputs<TV, TForm>(
                    images, n, row, column, place, tile % RegisterTile.Rows, productPlane, panels, epilogue, y, step);
            }
        });
    }

    /// <summary>The planes of one tile's window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Windows<TV, TForm>(in WinogradImages images, int n, int row, int column, float* target, long plane)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int side = TForm.Window, channels = images.Channels, top = (row * TForm.Tile) - images.PadTop;
        int left = (column * TForm.Tile) - images.PadLeft;
        float** at = stackalloc float*[side * side];
        images.Locate(n, top, left, side, at);
        float* room = stackalloc float[(36 * TV.Lanes) + AlignedBuffer.Line], half = AlignedBuffer.Align(room);
        TV x4 = default, x5 = default;
        for (int c = 0; c < channels; c += TV.Lanes)
        {
            // The last register overlaps its neighbour, and writes the same bits twice.
            int from = Math.Min(c, channels - TV.Lanes);
            for (int w = 0; w < side; w++)
            {
                float** source = at + w;
                TV x0 = TV.Load(source[0] + from), x1 = TV.Load(source[side] + from);
                TV x2 = TV.Load(source[2 * side] + from), x3 = TV.Load(source[3 * side] + from);
                if (TForm.Window > 4)
                {
                    x4 = TV.Load(source[4 * side] + from);
                    x5 = TV.Load(source[5 * side] + from);
                }

                TForm.Input(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);
                Write<TV, TForm>(half + (w * TV.Lanes), side * TV.Lanes, x0, x1, x2, x3, x4, x5);
            }

            for (int h = 0; h < side; h++)
            {
                Read<TV, TForm>(half + (h * side * TV.Lanes), TV.Lanes, out TV x0, out TV x1, out TV x2, out TV x3, out x4, out x5);
                TForm.Input(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);
                Write<TV, TForm>(target + (h * side * plane) + from, plane, x0, x1, x2, x3, x4, x5);
            }
        }
    }

    /// <summary>products[six tiles, panel, 6, width] = windows[tile, ic] * u[panel, ic, width].</summary>
    private static void Multiply<TV>(float* windows, int tiles, int ic, float* u, Panels panels, float* products)
        where TV : unmanaged, IVector<TV>
    {
        float** at = stackalloc float*[RegisterTile.Rows];
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int width = panels.WidthOf(panel);
            float* b = u + panels.Offset(panel), c = products + ((long)RegisterTile.Rows * panel * panels.Width);
            for (int tile = 0; tile < tiles; tile += RegisterTile.Rows, c += RegisterTile.Rows * panels.Padded)
            {
                for (int r = 0; r < RegisterTile.Rows; r++)
                {
                    at[r] = windows + ((long)Math.Min(tile + r, tiles - 1) * ic);
                }

                int line = tile / RegisterTile.Rows * AlignedBuffer.Line;
                float* next = line < width ? b + ((long)ic * (width + line)) : b;
                RegisterTile.MultiplyPanel<TV, TileStore>(at, 1, 0, ic, b, width, next, AlignedBuffer.Line, new(c, width));
            }
        }
    }

    /// <summary>The pixels of one tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<TV, TForm>(
        in WinogradImages images, int n, int row, int column, float* products, int tile, long plane, Panels panels,
        in HostEpilogue epilogue, float* y, long step)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int side = TForm.Window, rows = Math.Min(TForm.Tile, images.OutH - (row * TForm.Tile));
        int columns = Math.Min(TForm.Tile, images.OutW - (column * TForm.Tile)), lanes = TV.Lanes;
        long* pixels = stackalloc long[16];
        images.Number(n, row * TForm.Tile, column * TForm.Tile, rows, columns, pixels);
        float* room = stackalloc float[((24 + 64) * TV.Lanes) + AlignedBuffer.Line], half = AlignedBuffer.Align(room);
        float* sums = half + (24 * lanes);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int width = panels.WidthOf(panel);
            float* source = products + ((long)RegisterTile.Rows * panel * panels.Width) + (tile * width);
            for (int c = 0; c < width; c += lanes)
            {
                for (int w = 0; w < side; w++)
                {
                    Read<TV, TForm>(
                        source + (w * plane) + c, side * plane, out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5);
                    TForm.Output(m0, m1, m2, m3, m4, m5, out TV y0, out TV y1, out TV y2, out TV y3);
                    Keep<TV, TForm>(half + (w * lanes), side * lanes, TForm.Tile, y0, y1, y2, y3);
                }

                for (int h = 0; h < rows; h++)
                {
                    Read<TV, TForm>(half + (h * side * lanes), lanes, out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5);
                    TForm.Output(m0, m1, m2, m3, m4, m5, out TV y0, out TV y1, out TV y2, out TV y3);
                    Keep<TV, TForm>(sums + (h * columns * width) + c, width, columns, y0, y1, y2, y3);
                }
            }

            epilogue.Store<TV>(sums, width, rows * columns, panels.UsedOf(panel), panel * panels.Width, pixels, y, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Read<TV, TForm>(float* source, long step, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4, out TV x5)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        x0 = TV.Load(source);
        x1 = TV.Load(source + step);
        x2 = TV.Load(source + (2 * step));
        x3 = TV.Load(source + (3 * step));
        x4 = TForm.Window > 4 ? TV.Load(source + (4 * step)) : default;
        x5 = TForm.Window > 4 ? TV.Load(source + (5 * step)) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write<TV, TForm>(float* target, long step, TV x0, TV x1, TV x2, TV x3, TV x4, TV x5)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        TV.Store(x0, target);
        TV.Store(x1, target + step);
        TV.Store(x2, target + (2 * step));
        TV.Store(x3, target + (3 * step));
        if (TForm.Window > 4)
        {
            TV.Store(x4, target + (4 * step));
            TV.Store(x5, target + (5 * step));
        }
    }

    /// <summary>The first <paramref name="count"/> of up to four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TV, TForm>(float* target, long step, int count, TV y0, TV y1, TV y2, TV y3)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        TV.Store(y0, target);
        if (count > 1)
        {
            TV.Store(y1, target + step);
        }

        if (TForm.Tile > 2 && count > 2)
        {
            TV.Store(y2, target + (2 * step));
        }

        if (TForm.Tile > 2 && count > 3)
        {
            TV.Store(y3, target + (3 * step));
        }
    }
}
