namespace GpuCam.Kernels.Simd;

/// <summary>
/// A convolution as a matrix product whose left side is never written down: six pixels of the result meet a tap at six addresses
/// (<see cref="WindowGrid"/>). The weight is packed in <see cref="Panels"/>; a part of the work is a stretch of pixels with one panel,
/// or with all where they fit a core's cache together. Long sums are cut, so that a piece of a panel stays in the second cache for all
/// pixels of the part while the next one is fetched.
/// </summary>
internal static unsafe class GatherConv
{
    private const int TableSlot = 0;
    private const int PixelSlot = 1;
    private const int SumSlot = 2;

    /// <summary>Taps of a panel's piece: 256 KiB of 64 columns.</summary>
    private const int PieceTaps = 1024;

    /// <summary>Bytes of a weight that every part reads whole.</summary>
    private const long SmallWeight = 768 << 10;

    /// <summary>Bytes of the source that a part goes through for each of its panels.</summary>
    private const long SourceBytes = 768 << 10;

    /// <summary>Taps from which on a tile takes as long as fetching where the next one goes, and what that is added to.</summary>
    private const int FetchTaps = 64;

    /// <summary>Parts for each thread at least, where there is enough to do: the last ones even out.</summary>
    private const int PartsPerThread = 4;

    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Worthwhile = 1 << 18;

    /// <summary>Writes y[pixel * step + channel] for all pixels of the grid; y is the result's first pixel, at its first channel.</summary>
    public static void Run<TV>(HostThreads team, WindowGrid grid, float* packed, int channels, HostEpilogue epilogue, float* y, long step)
        where TV : unmanaged, IVector<TV>
    {
        var panels = Panels.For<TV>(grid.Depth, channels);
        int pixels = grid.Pixels, perPart = PixelsPerPart(team, grid, panels, out bool together);
        int stretches = (pixels + perPart - 1) / perPart, columns = together ? 1 : panels.Count, parts = stretches * columns;
        var stretchOfPart = new Action<int>(part =>
        {
            // Parts of one panel come one after the other, so that neighbours in time share it.
            int stretch = part % stretches, panel = part / stretches, first = stretch * perPart;
            int last = together ? panels.Count : panel + 1;
            Stretch<TV>(grid, first, Math.Min(perPart, pixels - first), panels, panel, last, packed, epilogue, y, step);
        });
        if (parts == 1 || (long)pixels * panels.Floats < Worthwhile)
        {
            for (int part = 0; part < parts; part++)
            {
                stretchOfPart(part);
            }

            return;
        }

        team.Parts(parts, stretchOfPart);
    }

    /// <summary>Where a tile's pixels lie, from a channel on.</summary>
    public static void Locate(float* start, long step, long* pixels, int channel, float** rows)
    {
        for (int r = 0; r < RegisterTile.Rows; r++)
        {
            rows[r] = start + (pixels[r] * step) + channel;
        }
    }

    private static int PixelsPerPart(HostThreads team, in WindowGrid grid, Panels panels, out bool together)
    {
        long perPixel = (long)sizeof(float) * grid.Channels * grid.StepH * grid.StepW;
        int most = (int)Math.Clamp(SourceBytes / perPixel, 16 * RegisterTile.Rows, 512 * RegisterTile.Rows);
        together = sizeof(float) * panels.Floats <= SmallWeight;
        int wanted = PartsPerThread * team.Count, columns = together ? 1 : panels.Count;
        int stretches = Math.Max((grid.Pixels + most - 1) / most, (wanted + columns - 1) / columns);
        int pixels = (grid.Pixels + stretches - 1) / stretches;
        return Math.Max(4, (pixels + RegisterTile.Rows - 1) / RegisterTile.Rows) * RegisterTile.Rows;
    }

    private static void Stretch<TV>(
        in WindowGrid grid, int first, int count, Panels panels, int panel, int lastPanel, float* packed, in HostEpilogue epilogue,
        float* y, long step)
        where TV : unmanaged, IVector<TV>
    {
        int runs = grid.Runs.Length, tiles = (count + RegisterTile.Rows - 1) / RegisterTile.Rows;
        int tileFloats = RegisterTile.Rows * panels.Width;
        float** table = (float**)Scratch.Get(TableSlot, 2L * tiles * runs * RegisterTile.Rows);
        long* pixels = (long*)Scratch.Get(PixelSlot, 2L * tiles * RegisterTile.Rows);
        float* sums = Scratch.Get(SumSlot, (long)tiles * tileFloats);
        grid.Locate(first, count, Scratch.Zeros(grid.RunLength), table, pixels);
        int runPiece = grid.RunLength >= PieceTaps ? 1 : Math.Min(runs, PieceTaps / grid.RunLength);
        float* biasRoom = stackalloc float[(4 * TV.Lanes) + AlignedBuffer.Line];
        float* bias = AlignedBuffer.Align(biasRoom);
        float** targets = stackalloc float*[RegisterTile.Rows], residuals = stackalloc float*[RegisterTile.Rows];
        (float low, float high) = epilogue.Limits;

        // A row may end in zeros that later rows of the same stretch overwrite.
        bool overlaps = panels.Count == 1 && grid.Result.IsWhole && step == panels.Columns;
        for (; panel < lastPanel; panel++)
        {
            int width = panels.WidthOf(panel), used = panels.UsedOf(panel), channel = panel * panels.Width, run = 0;
            bool clips = epilogue.IsClip && (used == width || (overlaps && !epilogue.HasResidual));
            float* b = packed + panels.Offset(panel);
            epilogue.CopyBias(channel, used, new Span<float>(bias, width));
            do
            {
                int runCount = Math.Min(runPiece, runs - run);
                for (int from = 0; from < grid.RunLength; from += PieceTaps)
                {
                    int length = Math.Min(PieceTaps, grid.RunLength - from), taps = runCount * length;
                    bool add = run + from > 0, done = run + runCount == runs && from + length == grid.RunLength;
                    int ahead = (width + tiles - 1) / tiles;
                    for (int tile = 0; tile < tiles; tile++)
                    {
                        // Each tile fetches its share of the next piece; sums that no other tile needs stay in the first cache.
                        float** at = table + ((((long)tile * runs) + run) * RegisterTile.Rows);
                        float* sum = sums + (done && !add ? 0 : (long)tile * tileFloats);
                        float* next = b + ((long)taps * (width + (tile * ahead)));
                        long* pixel = pixels + (tile * RegisterTile.Rows);
                        int behind = (count - ((tile + 1) * RegisterTile.Rows)) * used;
                        bool direct = done && !add && clips && (used == width || behind >= width - used);
                        if (direct)
                        {
                            if (tile + 1 < tiles && taps >= FetchTaps)
                            {
                                Locate(y, step, pixel + RegisterTile.Rows, channel, targets);
                                Fetch(targets, width);
                                if (epilogue.HasResidual)
                                {
                                    epilogue.Locate(pixel + RegisterTile.Rows, channel, residuals);
                                    Fetch(residuals, width);
                                }
                            }

                            Locate(y, step, pixel, channel, targets);
                            if (epilogue.HasResidual)
                            {
                                epilogue.Locate(pixel, channel, residuals);
                                RegisterTile.MultiplyPanel<TV, TileClipSum>(
                                    at, runCount, from, length, b, width, next, ahead, new(targets, residuals, bias, low, high));
                            }
                            else
                            {
                                RegisterTile.MultiplyPanel<TV, TileClip>(
                                    at, runCount, from, length, b, width, next, ahead, new(targets, bias, low, high));
                            }

                            continue;
                        }

                        if (add)
                        {
                            RegisterTile.MultiplyPanel<TV, TileAdd>(at, runCount, from, length, b, width, next, ahead, new(sum, width));
                        }
                        else
                        {
                            RegisterTile.MultiplyPanel<TV, TileStore>(at, runCount, from, length, b, width, next, ahead, new(sum, width));
                        }

                        if (done)
                        {
                            int valid = Math.Min(RegisterTile.Rows, count - (tile * RegisterTile.Rows));
                            epilogue.Store<TV>(sum, width, valid, used, channel, pixel, y, step);
                        }
                    }

                    b += (long)taps * width;
                }

                run += runPiece;
            }
            while (run < runs);
        }
    }

    private static void Fetch(float** rows, int width)
    {
        for (int r = 0; r < RegisterTile.Rows; r++)
        {
            for (int c = 0; c < width; c += AlignedBuffer.Line)
            {
                Prefetch.Line(rows[r] + c);
            }
        }
    }
}
