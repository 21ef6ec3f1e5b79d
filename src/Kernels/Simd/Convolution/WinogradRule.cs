using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Which tile, if any, makes a 3x3 convolution of stride 1 fast: the estimated cycles of a core for products, for transforms, and for
/// the weight, whose planes are 1.8 or 4 times as large as itself. With few pixels and many channels that is all that counts. Each tile
/// rounds in its own way, so the choice is the one for two threads however many there are, and bits do not depend on their number.
/// </summary>
internal static unsafe class WinogradRule
{
    /// <summary>Bytes per cycle that a core gets from the third cache, and from memory.</summary>
    private const double FarBytes = 8, MemoryBytes = 4.5;

    /// <summary>What stays in a core's second cache beside a block, and what in its share of the third.</summary>
    private const double NearSize = 1 << 20, FarSize = 24 << 20;

    /// <summary>Cycles to transform 16 channels of a tile, there and back.</summary>
    private const double CyclesTwo = 130, CyclesFour = 330;

    private const int FewestGradientTiles = 16;

    private const int Threads = 2;

    private static readonly bool s_off = Environment.GetEnvironmentVariable("GPUCAM_WINOGRAD") == "0";

    /// <summary>Whether there is a choice at all.</summary>
    public static bool Fits<TV>(Conv2DGeometry g)
        where TV : unmanaged, IVector<TV> => !s_off
        && g is { KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: <= 2, PadLeft: <= 2 }
        && Math.Min(g.X.C, g.OC) >= TV.Lanes;

    /// <summary>
    /// Whether the gradient of a weight goes by the method: from so many tiles on, reading 36 planes of sums at the end costs less than
    /// the products that are saved.
    /// </summary>
    public static bool FitsGradient<TV>(Conv2DGeometry g)
        where TV : unmanaged, IVector<TV> =>
        Fits<TV>(g) && WinogradImages.Of(null, g).Tiles(WinogradFour.Tile) >= FewestGradientTiles;

    /// <summary>The tile: 2, 4, or 0 for none.</summary>
    /// <param name="count">Images.</param>
    /// <param name="outH">Rows of the result.</param>
    /// <param name="outW">Columns of the result.</param>
    /// <param name="ic">Channels that are read.</param>
    /// <param name="padded">Channels that are computed.</param>
    public static int Tile(int count, int outH, int outW, int ic, int padded)
    {
        double channels = (double)ic * padded, direct = Cost(RoundedPixels((long)count * outH * outW) * 9, channels, 9, 1);
        double two = Winograd<WinogradTwo>(count, outH, outW, ic, padded, CyclesTwo);
        double four = Winograd<WinogradFour>(count, outH, outW, ic, padded, CyclesFour);
        return direct <= Math.Min(two, four) ? 0 : two <= four ? 2 : 4;
    }

    private static double Winograd<TForm>(int count, int outH, int outW, int ic, int padded, double transform)
        where TForm : struct, IWinogradForm
    {
        int planes = TForm.Window * TForm.Window;
        long tiles = (long)count * ((outH + TForm.Tile - 1) / TForm.Tile) * ((outW + TForm.Tile - 1) / TForm.Tile);
        int block = WinogradConv.BlockTiles<TForm>(Threads, (int)tiles, ic, padded);
        double rounds = Math.Ceiling(Math.Ceiling((double)tiles / block) / Threads);
        return Cost(rounds * Threads * block * planes, (double)ic * padded, planes, rounds * Threads)
            + (transform * tiles * (ic + padded) / 32 / Threads);
    }

    /// <summary>Cycles for pixels * channels products by a register tile, or to read a weight some times, whichever is more.</summary>
    private static double Cost(double pixels, double channels, int planes, double reads)
    {
        double bytes = sizeof(float) * channels * planes, perCycle = bytes <= FarSize ? FarBytes : MemoryBytes;
        double products = pixels * channels / 30 / Threads;
        double reading = bytes * reads / Threads / perCycle;
        return bytes <= NearSize ? products : Math.Max(products, reading) + (0.2 * reading);
    }

    private static double RoundedPixels(long pixels) => (pixels + RegisterTile.Rows - 1) / RegisterTile.Rows * RegisterTile.Rows;
}
