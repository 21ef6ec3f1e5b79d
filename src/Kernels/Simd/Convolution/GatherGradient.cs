using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The gradient of a convolution's weight: <c>dWeight[run, tap, c] = sum over pixels of at[run][pixel][tap] * dy[pixel, c]</c>, with the
/// runs of <see cref="WindowGrid"/>. A part of the work is some rows of dWeight, over all pixels: a few hundred at a time, which are summed
/// in registers and then added, so that the order of a sum depends on nothing but the geometry.
/// </summary>
internal static unsafe class GatherGradient
{
    private const int TableSlot = 0;
    private const int PanelSlot = 1;

    /// <summary>Pixels in a piece: its panel of dy, 64 channels wide, takes 96 KiB.</summary>
    private const int PiecePixels = 384;

    private const int PartsPerThread = 4;

    /// <summary>Writes dWeight, [runs * run length, dWeightStep], its first <paramref name="channels"/> columns.</summary>
    public static void Run<TV>(
        HostThreads team, WindowGrid grid, float* dy, long dyStep, int channels, float* dWeight, long dWeightStep)
        where TV : unmanaged, IVector<TV>
    {
        int runTiles = (grid.RunLength + RegisterTile.Rows - 1) / RegisterTile.Rows, tiles = grid.Runs.Length * runTiles;
        int parts = Math.Min(tiles, PartsPerThread * team.Count);
        team.Parts(parts, part =>
        {
            int from = (int)((long)tiles * part / parts), to = (int)((long)tiles * (part + 1) / parts);
            Rows<TV>(grid, from, to, runTiles, dy, dyStep, channels, dWeight, dWeightStep);
        });
    }

    private static void Rows<TV>(
        in WindowGrid grid, int from, int to, int runTiles, float* dy, long dyStep, int channels, float* dWeight, long dWeightStep)
        where TV : unmanaged, IVector<TV>
    {
        int firstRun = from / runTiles, runs = ((to - 1) / runTiles) - firstRun + 1;
        float** table = (float**)Scratch.Get(TableSlot, 2L * runs * PiecePixels);
        float* zeros = Scratch.Zeros(grid.RunLength), room = stackalloc float[(RegisterTile.Rows * 4 * TV.Lanes) + AlignedBuffer.Line];
        float* sums = AlignedBuffer.Align(room);
        for (int first = 0; first < grid.Pixels; first += PiecePixels)
        {
            int pixels = Math.Min(PiecePixels, grid.Pixels - first);
            for (int run = 0; run < runs; run++)
            {
                grid.Locate(firstRun + run, first, pixels, zeros, table + ((long)run * PiecePixels));
            }

            var panels = Panels.For<TV>(pixels, channels);
            bool packs = channels != dyStep || channels != panels.Width;    // else dy is its own panel
            float* packed = packs ? Scratch.Get(PanelSlot, (long)PiecePixels * panels.Width) : dy + (first * dyStep);
            for (int panel = 0; panel < panels.Count; panel++)
            {
                int width = panels.WidthOf(panel), used = panels.UsedOf(panel), column = panel * panels.Width;
                if (packs)
                {
                    panels.Pack(panel, 0, pixels, dy + (first * dyStep), dyStep, 1, packed - panels.Offset(panel));
                }

                for (int tile = from; tile < to; tile++)
                {
                    int run = tile / runTiles, tap = tile % runTiles * RegisterTile.Rows;
                    int rows = Math.Min(RegisterTile.Rows, grid.RunLength - tap);
                    float** at = table + ((long)(run - firstRun) * PiecePixels);
                    if (panels.IsWide(panel))
                    {
                        Products<Two<TV>>(at, pixels, tap, rows, packed, sums);
                    }
                    else
                    {
                        Products<TV>(at, pixels, tap, rows, packed, sums);
                    }

                    float* target = dWeight + ((((long)run * grid.RunLength) + tap) * dWeightStep) + column;
                    for (int r = 0; r < rows; r++)
                    {
                        Keep<TV>(sums + (r * width), target + (r * dWeightStep), used, add: first > 0);
                    }
                }
            }
        }
    }

    /// <summary>sums[r, 0 … 2 * lanes] = sum over pixels of at[pixel][tap + r] * panel[pixel].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Products<TV>(float** at, int pixels, int tap, int rows, float* panel, float* sums)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        TV c10 = default, c11 = default;
        TV c20 = default, c21 = default;
        TV c30 = default, c31 = default;
        TV c40 = default, c41 = default;
        TV c50 = default, c51 = default;
        long r1 = Math.Min(1, rows - 1), r2 = Math.Min(2, rows - 1), r3 = Math.Min(3, rows - 1);
        long r4 = Math.Min(4, rows - 1), r5 = Math.Min(5, rows - 1);
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            float* a = at[pixel] + tap;
            RegisterTile.AddTap(
                panel, a, a + r1, a + r2, a + r3, a + r4, a + r5,
                ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
            panel += 2 * TV.Lanes;
        }

        int width = 2 * TV.Lanes;
        RegisterTile.StoreRow(sums, c00, c01);
        RegisterTile.StoreRow(sums + width, c10, c11);
        RegisterTile.StoreRow(sums + (2 * width), c20, c21);
        RegisterTile.StoreRow(sums + (3 * width), c30, c31);
        RegisterTile.StoreRow(sums + (4 * width), c40, c41);
        RegisterTile.StoreRow(sums + (5 * width), c50, c51);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Keep<TV>(float* sums, float* target, int used, bool add)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; c <= used - TV.Lanes; c += TV.Lanes)
        {
            TV sum = TV.Load(sums + c);
            TV.Store(add ? TV.Load(target + c) + sum : sum, target + c);
        }

        for (; c < used; c++)
        {
            target[c] = add ? target[c] + sums[c] : sums[c];
        }
    }
}
