namespace GpuCam.Model;

/// <summary>A box of whole pixels; both corners belong to it, so its width is <c>X1 - X0 + 1</c>.</summary>
/// <param name="X0">Leftmost column.</param>
/// <param name="Y0">Topmost row.</param>
/// <param name="X1">Rightmost column, at least <paramref name="X0"/>.</param>
/// <param name="Y1">Lowest row, at least <paramref name="Y0"/>.</param>
public readonly record struct Box(int X0, int Y0, int X1, int Y1)
{
    /// <summary>Columns.</summary>
    public int Width => X1 - X0 + 1;

    /// <summary>Rows.</summary>
    public int Height => Y1 - Y0 + 1;

    /// <summary>Pixels.</summary>
    public long Area => (long)Width * Height;

    /// <summary>Whether the pixel lies inside.</summary>
    public bool Contains(int x, int y) => x >= X0 && x <= X1 && y >= Y0 && y <= Y1;

    /// <summary>Intersection over union, in pixels: 1 for equal boxes, 0 for boxes without a common pixel.</summary>
    public double IntersectionOverUnion(Box other)
    {
        long width = Math.Min(X1, other.X1) - Math.Max(X0, other.X0) + 1;
        long height = Math.Min(Y1, other.Y1) - Math.Max(Y0, other.Y0) + 1;
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        long common = width * height;
        return (double)common / (Area + other.Area - common);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{X0},{Y0},{X1},{Y1}";
}
