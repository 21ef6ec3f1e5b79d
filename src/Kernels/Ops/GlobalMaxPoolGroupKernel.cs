using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// One group, 32 channels of one image; <see cref="GlobalMaxPoolKernel"/> by groups, with its rules: the first pixel wins a tie,
/// and the last NaN wins over any number.
/// </summary>
internal readonly struct GlobalMaxPoolGroupKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int area, int channels) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> values = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        ArrayView<int> pixels = SharedMemory.Allocate<int>(GroupTree.MaxThreads);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, ColumnLanes.Columns);
        int tiles = ColumnLanes.Groups(channels, ColumnLanes.Columns);
        int n = Grid.IdxX / tiles, first = Grid.IdxX % tiles * ColumnLanes.Columns;
        int channelEnd = Math.Min(channels, first + ColumnLanes.Columns);
        for (int left = first; left < channelEnd; left += mine.Lanes)
        {
            int channel = left + mine.Lane;
            int pixelEnd = channel < channelEnd && mine.Line < mine.Lines ? area : 0;
            float best = float.NegativeInfinity;
            int winner = mine.Line;
            for (int pixel = mine.Line; pixel < pixelEnd; pixel += mine.Lines)
            {
                float value = x[(((n * area) + pixel) * channels) + channel];
                if (value > best || float.IsNaN(value))
                {
                    best = value;
                    winner = pixel;
                }
            }

            values[Group.IdxX] = best;
            pixels[Group.IdxX] = winner;
            Combine(values, pixels, mine.Lanes, Math.Min(mine.Lines, area));
            if (mine.Line == 0 && channel < channelEnd)
            {
                y[(n * channels) + channel] = values[mine.Lane];
                argmax[(n * channels) + channel] = pixels[mine.Lane];
            }

            Group.Barrier();
        }
    }

    /// <summary>Lines without a pixel take no part, so that every candidate is a pixel of the image.</summary>
    private static void Combine(ArrayView<float> values, ArrayView<int> pixels, int lanes, int lines)
    {
        Group.Barrier();
        for (int active = lines; active > 1; active = (active + 1) / 2)
        {
            int at = Group.IdxX, other = at + ((active + 1) / 2 * lanes);
            if (other < active * lanes && Beats(values[other], pixels[other], values[at], pixels[at]))
            {
                values[at] = values[other];
                pixels[at] = pixels[other];
            }

            Group.Barrier();
        }
    }

    private static bool Beats(float value, int pixel, float best, int winner)
    {
        if (float.IsNaN(value))
        {
            return !float.IsNaN(best) || pixel > winner;
        }

        return value > best || (value == best && pixel < winner);
    }
}
