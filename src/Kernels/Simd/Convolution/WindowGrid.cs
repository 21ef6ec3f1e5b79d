namespace GpuCam.Kernels.Simd;

/// <summary>
/// Which runs of a source the pixels of a result are sums over: pixel (n, i, j) of a grid meets run number s at source pixel
/// <c>(n, i * StepH + row(s), j * StepW + column(s))</c>, all of whose channels (or, dense, more) are the run; where that lies outside
/// it meets zeros. The grid may be every so-many-th pixel of the result, as the gradient of a strided convolution has it.
/// </summary>
internal readonly unsafe struct WindowGrid
{
    /// <summary>Images, NHWC.</summary>
    public required float* Source { get; init; }

    /// <summary>How many.</summary>
    public required int Images { get; init; }

    /// <summary>Rows of a source image.</summary>
    public required int SourceH { get; init; }

    /// <summary>Columns of a source image.</summary>
    public required int SourceW { get; init; }

    /// <summary>Channels of the source.</summary>
    public required int Channels { get; init; }

    /// <summary>Source rows from one row of the grid to the next.</summary>
    public required int StepH { get; init; }

    /// <summary>Source columns from one column of the grid to the next.</summary>
    public required int StepW { get; init; }

    /// <summary>Source row and column of each run, for grid pixel (0, 0).</summary>
    public required (int Row, int Column)[] Runs { get; init; }

    /// <summary>Floats of a run.</summary>
    public required int RunLength { get; init; }

    /// <summary>Rows of the grid.</summary>
    public required int GridH { get; init; }

    /// <summary>Columns of the grid.</summary>
    public required int GridW { get; init; }

    /// <summary>The result's rows and columns, the first of each that the grid has, and how far the next one is.</summary>
    public required ResultPlace Result { get; init; }

    /// <summary>Pixels of the grid, all images.</summary>
    public int Pixels => Images * GridH * GridW;

    /// <summary>Whether each pixel of the result meets the same pixel of the source, and nothing else.</summary>
    private bool IsPixelwise => Runs is [(0, 0)] && StepH == 1 && StepW == 1 && GridH == SourceH && GridW == SourceW && Result.IsWhole;

    /// <summary>Taps of a pixel.</summary>
    public int Depth => Runs.Length * RunLength;

    /// <summary>
    /// Writes for tiles of six pixels, from pixel <paramref name="first"/> on, where their runs start, [tiles, runs, 6], and which of the
    /// result's pixels they are, [tiles, 6]. What is missing to the last six is its last pixel again.
    /// </summary>
    /// <param name="first">The first pixel.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="zeros">As many zeros as a run is long.</param>
    /// <param name="at">Where the runs go.</param>
    /// <param name="pixels">Where the pixels' numbers go.</param>
    public void Locate(int first, int count, float* zeros, float** at, long* pixels)
    {
        int area = GridH * GridW, n = first / area, i = first % area / GridW, j = first % GridW, runs = Runs.Length;
        int rounded = (count + RegisterTile.Rows - 1) / RegisterTile.Rows * RegisterTile.Rows;
        if (IsPixelwise)
        {
            for (int pixel = 0; pixel < rounded; pixel++)
            {
                long number = first + Math.Min(pixel, count - 1);
                at[pixel] = Source + (number * Channels);
                pixels[pixel] = number;
            }

            return;
        }

        long image = (long)SourceH * SourceW * Channels;
        long* offsets = stackalloc long[runs];
        int top = 0, bottom = 0, left = 0, right = 0;
        for (int run = 0; run < runs; run++)
        {
            (int row, int column) = Runs[run];
            offsets[run] = (((long)row * SourceW) + column) * Channels;
            (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row));
            (left, right) = (Math.Min(left, column), Math.Max(right, column));
        }

        for (int pixel = 0; pixel < rounded; pixel++)
        {
            float** target = at + ((long)(pixel / RegisterTile.Rows) * runs * RegisterTile.Rows) + (pixel % RegisterTile.Rows);
            if (pixel >= count)
            {
                for (int run = 0; run < runs; run++, target += RegisterTile.Rows)
                {
                    *target = target[-1];
                }

                pixels[pixel] = pixels[pixel - 1];
                continue;
            }

            int h = i * StepH, w = j * StepW;
            float* source = Source + (n * image) + ((((long)h * SourceW) + w) * Channels);
            if (h + top >= 0 && h + bottom < SourceH && w + left >= 0 && w + right < SourceW)
            {
                for (int run = 0; run < runs; run++, target += RegisterTile.Rows)
                {
                    *target = source + offsets[run];
                }
            }
            else
            {
                for (int run = 0; run < runs; run++, target += RegisterTile.Rows)
                {
                    (int row, int column) = Runs[run];
                    *target = (uint)(h + row) < (uint)SourceH && (uint)(w + column) < (uint)SourceW ? source + offsets[run] : zeros;
                }
            }

            pixels[pixel] = Result.Pixel(n, i, j);
            if (++j == GridW)
            {
                j = 0;
                if (++i == GridH)
                {
                    i = 0;
                    n++;
                }
            }
        }
    }

    /// <summary>Writes where one run of the pixels first … first + count - 1 starts.</summary>
    public void Locate(int run, int first, int count, float* zeros, float** at)
    {
        int area = GridH * GridW, n = first / area, i = first % area / GridW, j = first % GridW;
        float* source = Source + ((long)n * SourceH * SourceW * Channels);
        for (int pixel = 0; pixel < count; pixel++)
        {
            int h = (i * StepH) + Runs[run].Row, w = (j * StepW) + Runs[run].Column;
            at[pixel] = (uint)h < (uint)SourceH && (uint)w < (uint)SourceW ? source + ((((long)h * SourceW) + w) * Channels) : zeros;
            if (++j == GridW)
            {
                j = 0;
                if (++i == GridH)
                {
                    i = 0;
                    source += (long)SourceH * SourceW * Channels;
                }
            }
        }
    }
}

/// <summary>Where the pixels of a grid lie in a result of H x W pixels: from (top, left) on, some steps apart.</summary>
internal readonly struct ResultPlace(int h, int w, int top, int left, int stepH, int stepW)
{
    /// <summary>Whether these are all pixels of the result, one after the other.</summary>
    public bool IsWhole => stepH == 1 && stepW == 1 && top == 0 && left == 0;

    /// <summary>Number of a pixel.</summary>
    public long Pixel(int n, int i, int j) => ((((long)n * h) + top + ((long)i * stepH)) * w) + left + ((long)j * stepW);
}
