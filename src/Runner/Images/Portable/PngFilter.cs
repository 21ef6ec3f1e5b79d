namespace GpuCam.Runner.Images.Portable;

/// <summary>
/// The five row filters of PNG. Each predicts a byte from its neighbours one pixel to the left (a), above (b) and above left
/// (c), and keeps the difference: 0 none, 1 a, 2 b, 3 (a + b) / 2, 4 whichever of a, b, c is nearest to a + b - c.
/// </summary>
internal static class PngFilter
{
    public const int Count = 5;

    /// <summary>Undoes a filter in place; false when there is no such filter.</summary>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int bytesPerPixel)
    {
        if (filter >= Count)
        {
            return false;
        }
        // Up needs no neighbour to the left; the others start with the pixel that has none.
        int first = Math.Min(bytesPerPixel, row.Length);
        for (int i = 0; filter > 0 && i < first; i++)
        {
            row[i] += (byte)Predict(filter, 0, above[i], 0);
        }

        switch (filter)
        {
            case 1:
                for (int i = first; i < row.Length; i++)
                {
                    row[i] += row[i - bytesPerPixel];
                }

                break;
            case 2:
                for (int i = first; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                break;
            case 3 or 4:
                for (int i = first; i < row.Length; i++)
                {
                    row[i] += (byte)Predict(filter, row[i - bytesPerPixel], above[i], above[i - bytesPerPixel]);
                }

                break;
        }

        return true;
    }

    /// <summary>
    /// Writes the filtered row to <paramref name="result"/> and returns how far from flat it is: the sum of the differences'
    /// sizes. Stops early, with an unfinished row, once that reaches <paramref name="limit"/>.
    /// </summary>
    public static long Apply(
        byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> result, int bytesPerPixel, long limit)
    {
        long sum = 0;
        for (int i = 0; i < row.Length && sum < limit; i++)
        {
            int left = i - bytesPerPixel;
            result[i] = (byte)(row[i] - Predict(filter, left < 0 ? 0 : row[left], above[i], left < 0 ? 0 : above[left]));
            sum += Math.Abs((int)(sbyte)result[i]);
        }

        return sum;
    }

    private static int Predict(byte filter, int a, int b, int c) =>
        filter switch { 1 => a, 2 => b, 3 => (a + b) >> 1, 4 => Paeth(a, b, c), _ => 0 };

    private static int Paeth(int a, int b, int c)
    {
        int pa = Math.Abs(b - c), pb = Math.Abs(a - c), pc = Math.Abs(a + b - c - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
