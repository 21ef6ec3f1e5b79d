using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// What the forward products of a convolution read: windows of x, unrolled on the fly, whose rows are output pixels and whose
/// depth runs over (kh, kw, ic), as the weight does.
/// </summary>
internal static class Conv2DWindows
{
    /// <summary>An output pixel: its window's first input pixel.</summary>
    public static TilePlace Pixel(Conv2DGeometry g, int n, int oh, int ow)
    {
        int h = (oh * g.StrideH) - g.PadTop, w = (ow * g.StrideW) - g.PadLeft;
        return new TilePlace(((((n * g.X.H) + h) * g.X.W) + w) * g.X.C, h, w, 0);
    }

    /// <summary>A tap and channel: its distance from the window's first pixel, and its row of the weight.</summary>
    public static TilePlace Tap(Conv2DGeometry g, int depth)
    {
        int tap = depth / g.X.C, kh = tap / g.KW;
        int h = kh * g.DilationH, w = (tap - (kh * g.KW)) * g.DilationW;
        return new TilePlace((((h * g.X.W) + w) * g.X.C) + depth - (tap * g.X.C), h, w, depth * g.OC);
    }

    /// <summary>The element of x where the two meet, zero outside the image.</summary>
    public static float Read(ArrayView<float> x, Conv2DGeometry g, TilePlace pixel, TilePlace tap)
    {
        bool inside = (uint)(pixel.H + tap.H) < (uint)g.X.H && (uint)(pixel.W + tap.W) < (uint)g.X.W;
        return inside ? x[pixel.At + tap.At] : 0;
    }
}
