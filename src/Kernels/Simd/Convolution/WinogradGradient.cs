using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The gradient of a 3x3 weight by Winograd's method, F(4x4): the adjoint of <see cref="WinogradConv"/> with respect to U = G w G'. A block
/// of tiles at a time, on which all threads work, first tile by tile, then plane by plane, so that the order of each sum depends on nothing
/// but the geometry:
/// <code>
/// windows   [plane, tile, ic]              B' d B of each tile's window
/// slopes    [plane, panel, tile, width]    A dy A' of each tile
/// sums      [plane, ic, oc]                += windows' * slopes
/// dWeight   [3, 3, ic, oc]                 G' sums G
/// </code>
/// </summary>
internal static unsafe class WinogradGradient
{
    private const int WindowSlot = 0;
    private const int SlopeSlot = 1;
    private const int SumSlot = 2;
    private const int TableSlot = 3;

    private const int Planes = 36;

    /// <summary>Bytes of a block's windows and slopes, which meet in the third cache.</summary>
    private const long BlockBytes = 4 << 20;

    /// <summary>Tiles of a block at least: the sums are read and written once per block.</summary>
    private const int FewestTiles = 128;

    /// <summary>Writes dWeight.</summary>
    public static void Run<TV>(HostThreads team, float* x, float* dy, float* dWeight, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        int ic = g.X.C, oc = g.OC;
        var images = WinogradImages.Of(x, g);
        var results = new WinogradImages(dy, g.X.N, g.OH, g.OW, oc, g.OH, g.OW, 0, 0);
        int tiles = images.Tiles(WinogradFour.Tile), padded = Panels.For<TV>(1, oc).Padded;
        int block = (int)Math.Min(tiles, Math.Max(FewestTiles, BlockBytes / (sizeof(float) * Planes * (ic + padded))));
        var panels = Panels.For<TV>(block, oc);
        long windowPlane = ((long)block * ic) + WinogradConv.Skew, slopePlane = panels.Floats + WinogradConv.Skew;
        float* windows = Scratch.Get(WindowSlot, Planes * windowPlane), slopes = Scratch.Get(SlopeSlot, Planes * slopePlane);
        float* sums = Scratch.Get(SumSlot, (long)Planes * ic * padded);
        for (int first = 0; first < tiles; first += block)
        {
            int start = first, count = Math.Min(block, tiles - first);
            team.For(count, (from, to) =>
            {
                for (int tile = from; tile < to; tile++)
                {
                    (int n, int row, int column) = images.Place(start + tile, WinogradFour.Tile);
                    WinogradConv.Windows<TV, WinogradFour>(images, n, row, column, windows + ((long)tile * ic), windowPlane);
                    Slopes<TV>(results, n, row, column, panels, tile, slopes, slopePlane);
                }
            });
            team.Parts(Planes * panels.Count, part =>
            {
                int plane = part / panels.Count, panel = part % panels.Count;
                Multiply<TV>(
                    windows + (plane * windowPlane), count, ic, slopes + (plane * slopePlane), panels, panel,
                    sums + ((long)plane * ic * padded), add: start > 0);
            });
        }

        team.For(ic, (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                Weights<TV>(sums + ((long)row * padded), (long)ic * padded, oc, dWeight + ((long)row * oc), (long)ic * oc);
            }
        });
    }

    /// <summary>The planes of one tile of dy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Slopes<TV>(
        in WinogradImages results, int n, int row, int column, Panels panels, int tile, float* slopes, long plane)
        where TV : unmanaged, IVector<TV>
    {
        const int Side = 4, Window = 6;
        float** at = stackalloc float*[Side * Side];
        results.Locate(n, row * Side, column * Side, Side, at);
        int lanes = TV.Lanes;
        float* room = stackalloc float[(Window * Side * lanes) + AlignedBuffer.Line], half = AlignedBuffer.Align(room);
        for (int c = 0; c < panels.Padded; c += lanes)
        {
            int used = Math.Clamp(panels.Columns - c, 0, lanes), panel = c / panels.Width;
            for (int w = 0; w < Side; w++)
            {
                WinogradFour.OutputGradient(
                    WinogradPanels.Load<TV>(at[w] + c, used), WinogradPanels.Load<TV>(at[Side + w] + c, used),
                    WinogradPanels.Load<TV>(at[(2 * Side) + w] + c, used), WinogradPanels.Load<TV>(at[(3 * Side) + w] + c, used),
                    out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5);
                WinogradConv.Write<TV, WinogradFour>(half + (w * lanes), Side * lanes, m0, m1, m2, m3, m4, m5);
            }

            float* target = slopes + panels.Offset(panel) + ((long)tile * panels.WidthOf(panel)) + (c % panels.Width);
            for (int h = 0; h < Window; h++)
            {
                float* line = half + (h * Side * lanes);
                WinogradFour.OutputGradient(
                    TV.Load(line), TV.Load(line + lanes), TV.Load(line + (2 * lanes)), TV.Load(line + (3 * lanes)),
                    out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5);
                WinogradConv.Write<TV, WinogradFour>(target + (h * Window * plane), plane, m0, m1, m2, m3, m4, m5);
            }
        }
    }

    /// <summary>sums[ic, columns of a panel] (+)= windows[tiles, ic]' * slopes[tiles, columns of the panel].</summary>
    private static void Multiply<TV>(
        float* windows, int tiles, int ic, float* slopes, Panels panels, int panel, float* sums, bool add)
        where TV : unmanaged, IVector<TV>
    {
        float** at = (float**)Scratch.Get(TableSlot, 2L * tiles);
        for (int tile = 0; tile < tiles; tile++)
        {
            at[tile] = windows + ((long)tile * ic);
        }

        int width = panels.WidthOf(panel);
        float* room = stackalloc float[(RegisterTile.Rows * 4 * TV.Lanes) + AlignedBuffer.Line], made = AlignedBuffer.Align(room);
        float* source = slopes + panels.Offset(panel), target = sums + (panel * panels.Width);
        for (int row = 0; row < ic; row += RegisterTile.Rows)
        {
            int rows = Math.Min(RegisterTile.Rows, ic - row);
            if (panels.IsWide(panel))
            {
                GatherGradient.Products<Two<TV>>(at, tiles, row, rows, source, made);
            }
            else
            {
                GatherGradient.Products<TV>(at, tiles, row, rows, source, made);
            }

            for (int r = 0; r < rows; r++)
            {
                GatherGradient.Keep<TV>(made + (r * width), target + ((long)(row + r) * panels.Padded), width, add);
            }
        }
    }

    /// <summary>The nine taps of one input channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weights<TV>(float* sums, long plane, int oc, float* dWeight, long tap)
        where TV : unmanaged, IVector<TV>
    {
        const int Window = 6, Taps = 3;
        int lanes = TV.Lanes;
        float* room = stackalloc float[(Window * Taps * lanes) + AlignedBuffer.Line], half = AlignedBuffer.Align(room);
        for (int c = 0; c < oc; c += lanes)
        {
            for (int w = 0; w < Window; w++)
            {
                WinogradConv.Read<TV, WinogradFour>(
                    sums + (w * plane) + c, Window * plane, out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5);
                WinogradFour.WeightGradient(u0, u1, u2, u3, u4, u5, out TV w0, out TV w1, out TV w2);
                Write(half + (w * lanes), Window * lanes, w0, w1, w2, lanes);
            }

            for (int kh = 0; kh < Taps; kh++)
            {
                WinogradConv.Read<TV, WinogradFour>(
                    half + (kh * Window * lanes), lanes, out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5);
                WinogradFour.WeightGradient(u0, u1, u2, u3, u4, u5, out TV w0, out TV w1, out TV w2);
                Write(dWeight + (kh * Taps * tap) + c, tap, w0, w1, w2, Math.Min(lanes, oc - c));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TV>(float* target, long step, TV w0, TV w1, TV w2, int used)
        where TV : unmanaged, IVector<TV>
    {
        if (used == TV.Lanes)
        {
            TV.Store(w0, target);
            TV.Store(w1, target + step);
            TV.Store(w2, target + (2 * step));
        }
        else
        {
            Partial.Store(w0, target, used);
            Partial.Store(w1, target + step, used);
            Partial.Store(w2, target + (2 * step), used);
        }
    }
}
