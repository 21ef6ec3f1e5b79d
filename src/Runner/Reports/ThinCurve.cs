namespace GpuCam.Runner.Reports;

/// <summary>Of a long curve, the lowest and the highest point of each of many pieces, so no spike is lost; a gap stays.</summary>
internal static class ThinCurve
{
    /// <summary>Some <paramref name="most"/> points at the most; all there are where they are fewer.</summary>
    public static (double X, double Y)[] Of((double X, double Y)[] points, int most)
    {
        if (points.Length <= most)
        {
            return points;
        }

        int size = (2 * points.Length / most) + 1;
        var thin = new List<(double X, double Y)>();
        foreach ((double X, double Y)[] piece in points.Chunk(size))
        {
            if (piece.Length < 3 || piece.Any(p => !double.IsFinite(p.Y)))
            {
                thin.AddRange(piece);
                continue;
            }

            (double X, double Y) low = piece.MinBy(p => p.Y), high = piece.MaxBy(p => p.Y);
            thin.AddRange(low.X < high.X ? [low, high] : [high, low]);
        }

        return thin.ToArray();
    }
}
