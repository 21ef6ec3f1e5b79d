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
            return false;
        for (int i = 0; filter > 0 && i < row.Length; i++)
            row[i] = (byte)(row[i] + Predict(filter, row, above, i, bytesPerPixel));
        return true;
    }

    /// <summary>Writes the filtered row to <paramref name="result"/> and returns how far from flat it is: the sum of the differences' sizes.</summary>
    public static long Apply(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> result, int bytesPerPixel)
    {
        long sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            result[i] = (byte)(row[i] - Predict(filter, row, above, i, bytesPerPixel));
            sum += Math.Abs((int)(sbyte)result[i]);
        }
        return sum;
    }

    private static int Predict(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int i, int bytesPerPixel)
    {
        int a = i >= bytesPerPixel ? row[i - bytesPerPixel] : 0;
        int b = above[i];
        int c = i >= bytesPerPixel ? above[i - bytesPerPixel] : 0;
        return filter switch { 1 => a, 2 => b, 3 => (a + b) >> 1, 4 => Paeth(a, b, c), _ => 0 };
    }

    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c;
        int pa = Math.Abs(p - a), pb = Math.Abs(p - b), pc = Math.Abs(p - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
