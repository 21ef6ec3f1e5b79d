namespace GpuCam.Kernels.Ops;

/// <summary>
/// What the forward products of a convolution read: windows of x, unrolled on the fly, whose rows are output pixels and whose
/// depth runs over (kh, kw, ic), as the weight does.
/// </summary>
/// <param name="g">Which pixel meets which weight.</param>
/// <param name="groups">Groups of channels; the windows are those of one of them.</param>
internal readonly struct Conv2DWindows(Conv2DGeometry g, int groups = 1)
{
    private readonly Divisor _channels = new(g.X.C / groups), _kernelWidth = new(g.KW);
    private readonly int _depth = g.X.C / groups;

    /// <summary>Taps times channels: the depth of the forward product.</summary>
    public int Taps => g.KH * g.KW * _depth;

    /// <summary>An output pixel: its window's first input pixel, <paramref name="start"/> floats on.</summary>
    public TilePlace Pixel(int n, int oh, int ow, int start)
    {
        int h = (oh * g.StrideH) - g.PadTop, w = (ow * g.StrideW) - g.PadLeft;
        return new TilePlace((((((n * g.X.H) + h) * g.X.W) + w) * g.X.C) + start, h, w);
    }

    /// <summary>A tap and channel: its distance from the window's first pixel, <paramref name="start"/> floats on.</summary>
    public TilePlace Tap(int depth, int start)
    {
        int tap = _channels.Quotient(depth), kh = _kernelWidth.Quotient(tap);
        int h = kh * g.DilationH, w = (tap - (kh * g.KW)) * g.DilationW;
        return new TilePlace((((h * g.X.W) + w) * g.X.C) + depth - (tap * _depth) + start, h, w);
    }

    /// <summary>Whether the two meet inside the image; they do at the sum of both indices.</summary>
    public bool Meet(TilePlace pixel, TilePlace tap) =>
        (uint)(pixel.H + tap.H) < (uint)g.X.H && (uint)(pixel.W + tap.W) < (uint)g.X.W;
}
