using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>Images that a 3x3 convolution of stride 1 reads, NHWC, and how large its result is.</summary>
internal readonly unsafe struct WinogradImages(
    float* source, int count, int h, int w, int channels, int outH, int outW, int padTop, int padLeft)
{
    /// <summary>The images that a convolution reads.</summary>
    public static WinogradImages Of(float* x, Conv2DGeometry g) =>
        new(x, g.X.N, g.X.H, g.X.W, g.X.C, g.OH, g.OW, g.PadTop, g.PadLeft);

    /// <summary>Images.</summary>
    public int Count => count;

    /// <summary>Channels of the source.</summary>
    public int Channels => channels;

    /// <summary>Rows of the result.</summary>
    public int OutH => outH;

    /// <summary>Columns of the result.</summary>
    public int OutW => outW;

    /// <summary>Rows of zeros above the source.</summary>
    public int PadTop => padTop;

    /// <summary>Columns of zeros left of the source.</summary>
    public int PadLeft => padLeft;

    /// <summary>Tiles of the results of all images, so many pixels on a side.</summary>
    public int Tiles(int side) => count * Across(outH, side) * Across(outW, side);

    /// <summary>Image, row and column of a tile.</summary>
    public (int N, int Row, int Column) Place(int tile, int side)
    {
        int down = Across(outH, side), across = Across(outW, side);
        return (tile / (down * across), tile % (down * across) / across, tile % across);
    }

    /// <summary>Where the pixels of a square lie, row after row; those outside are zeros.</summary>
    public void Locate(int n, int top, int left, int side, float** at)
    {
        float* image = source + ((long)n * h * w * channels), zeros = Scratch.Zeros(channels);
        for (int i = top; i < top + side; i++)
        {
            bool inside = (uint)i < (uint)h;
            float* line = image + ((long)i * w * channels);
            for (int j = left; j < left + side; j++, at++)
            {
                *at = inside && (uint)j < (uint)w ? line + ((long)j * channels) : zeros;
            }
        }
    }

    /// <summary>The numbers of the pixels of a rectangle in the result, row after row.</summary>
    public void Number(int n, int top, int left, int rows, int columns, long* pixels)
    {
        for (int i = top; i < top + rows; i++)
        {
            for (int j = left; j < left + columns; j++, pixels++)
            {
                *pixels = ((((long)n * outH) + i) * outW) + j;
            }
        }
    }

    private static int Across(int pixels, int side) => (pixels + side - 1) / side;
}
