namespace GpuCam.Kernels.Ops;

/// <summary>
/// What the forward products of a convolution read: windows of x, unrolled on the fly, whose rows are output pixels and whose
/// depth runs over (kh, kw, ic), as the weight does.
/// </summary>
/// <param name="g">Which pixel meets which weight.</param>
internal readonly struct Conv2DWindows(Conv2DGeometry g)
{
    private readonly Divisor _channels = new(g.X.C), _kernelWidth = new(g.KW);

    /// <summary>Taps times channels: the depth of the forward product.</summary>
    public int Taps => g.KH * g.KW * g.X.C;

    /// <summary>An output pixel: its window's first input pixel.</summary>
    public TilePlace Pixel(int n, int oh, int ow)
    {
        int h = (oh * g.StrideH) - g.PadTop, w = (ow * g.StrideW) - g.PadLeft;
        return new TilePlace(((((n * g.X.H) + h) * g.X.W) + w) * g.X.C, h, w);
    }

    /// <summary>A tap and channel: its distance from the window's first pixel.</summary>
    public TilePlace Tap(int depth)
    {
        int tap = _channels.Quotient(depth), kh = _kernelWidth.Quotient(tap);
        int h = kh * g.DilationH, w = (tap - (kh * g.KW)) * g.DilationW;
        return new TilePlace((((h * g.X.W) + w) * g.X.C) + depth - (tap * g.X.C), h, w);
    }

    /// <summary>Whether the two meet inside the image; they do at the sum of both indices.</summary>
    public bool Meet(TilePlace pixel, TilePlace tap) =>
        (uint)(pixel.H + tap.H) < (uint)g.X.H && (uint)(pixel.W + tap.W) < (uint)g.X.W;
}
