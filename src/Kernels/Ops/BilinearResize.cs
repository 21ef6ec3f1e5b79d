using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Where the pixels of a resized image lie in the original; <see cref="BilinearResize"/> has the formulas.</summary>
public enum ResizeMode
{
    /// <summary>Pixel centres at half coordinates: the images' borders coincide. PyTorch's <c>align_corners=False</c>.</summary>
    HalfPixel,

    /// <summary>
    /// Pixel 0 on pixel 0, no half-pixel centres: shifts content towards the top left when enlarging. TensorFlow 1's default.
    /// </summary>
    Legacy,
}

/// <summary>
/// Bilinear resize of every channel, without antialiasing. Along each axis output pixel o lies at
/// <c>s = (o + 1/2) * in / out - 1/2</c>, at least 0 (<see cref="ResizeMode.HalfPixel"/>), or <c>s = o * in / out</c>
/// (<see cref="ResizeMode.Legacy"/>); it is <c>(1 - t) * x[i] + t * x[min(i + 1, in - 1)]</c> with <c>i = floor(s)</c> and
/// <c>t = s - i</c>.
/// Backward is the transpose: <c>dx[i]</c> sums the <c>dy[o]</c> that x[i] had a share in, times that share.
/// </summary>
/// <remarks>Layouts: x, dx <c>[N, H, W, C]</c>; y, dy <c>[N, OH, OW, C]</c>.</remarks>
public static class BilinearResize
{
    /// <summary>Writes <paramref name="y"/>, whose shape says the new size.</summary>
    public static void Forward(Tensor x, Tensor y, ResizeMode mode)
    {
        CheckShapes(x, y);
        ResizeAxis vertical = Vertical(x, y, mode), horizontal = Horizontal(x, y, mode);
        if (HostBilinearResize.TryForward(x, y, vertical, horizontal))
        {
            return;
        }

        x.Device.Launch(y.Count, new BilinearResizeKernel(x.View, y.View, vertical, horizontal, x.Shape.C));
    }

    /// <summary>Writes <paramref name="dx"/>, whose shape says the original size.</summary>
    public static void Backward(Tensor dy, Tensor dx, ResizeMode mode)
    {
        CheckShapes(dx, dy);
        dx.Device.Launch(dx.Count, new BilinearResizeBackwardKernel(
            dy.View, dx.View, Vertical(dx, dy, mode), Horizontal(dx, dy, mode), dx.Shape.C));
    }

    private static ResizeAxis Vertical(Tensor x, Tensor y, ResizeMode mode) => new(x.Shape.H, y.Shape.H, Half(mode));

    private static ResizeAxis Horizontal(Tensor x, Tensor y, ResizeMode mode) => new(x.Shape.W, y.Shape.W, Half(mode));

    private static int Half(ResizeMode mode) => mode == ResizeMode.HalfPixel ? 1 : 0;

    private static void CheckShapes(Tensor x, Tensor y)
    {
        y.Expect(x.Shape with { H = y.Shape.H, W = y.Shape.W });
        CheckExtents(x, y, x.Shape.H, y.Shape.H);
        CheckExtents(x, y, x.Shape.W, y.Shape.W);
    }

    private static void CheckExtents(Tensor x, Tensor y, int input, int output)
    {
        // ResizeAxis forms products up to (2 * input + 3) * output in 32 bits.
        if (((2L * input) + 3) * output > int.MaxValue || ((2L * output) + 3) * input > int.MaxValue)
        {
            throw new ArgumentException(
                $"tensors '{x.Name}' {x.Shape} and '{y.Name}' {y.Shape} are too large to resize: {input} * {output} must stay below 2^30");
        }
    }
}

/// <summary>
/// One axis of a resize, in whole numbers, so that forward and backward agree on every tap on every device:
/// output o lies at <c>Position(o) / (2 * output)</c>.
/// </summary>
/// <param name="Input">Extent of x.</param>
/// <param name="Output">Extent of y.</param>
/// <param name="Half">1 for half-pixel centres, 0 for legacy.</param>
public readonly record struct ResizeAxis(int Input, int Output, int Half)
{
    /// <summary>The lower tap of output <paramref name="o"/>.</summary>
    public int Lower(int o) => Position(o) / (2 * Output);

    /// <summary>The upper tap next to <paramref name="lower"/>; the last pixel is its own neighbour.</summary>
    public int Upper(int lower) => lower + 1 < Input ? lower + 1 : lower;

    /// <summary>The upper tap's share of output <paramref name="o"/>.</summary>
    public float UpperShare(int o) => (float)(Position(o) % (2 * Output)) / (2 * Output);

    /// <summary>Input <paramref name="i"/>'s share of output <paramref name="o"/>, 0 if it has none.</summary>
    public float Share(int o, int i)
    {
        int lower = Lower(o);
        float upperShare = UpperShare(o);
        float share = lower == i ? 1 - upperShare : 0;
        return Upper(lower) == i ? share + upperShare : share;
    }

    /// <summary>No output before this one has a share of input <paramref name="i"/>.</summary>
    public int FirstOutput(int i)
    {
        int first = Landing(i - 1);
        return first > 0 ? first : 0;
    }

    /// <summary>No output after this one has a share of input <paramref name="i"/>.</summary>
    public int LastOutput(int i)
    {
        int last = i + 1 < Input ? Landing(i + 1) + 1 : Output - 1;
        return last < Output - 1 ? last : Output - 1;
    }

    private int Position(int o)
    {
        int position = (((2 * o) + Half) * Input) - (Half * Output);
        return position > 0 ? position : 0;
    }

    /// <summary>The output that lies at input <paramref name="i"/> or next to it, towards zero.</summary>
    private int Landing(int i) => ((((2 * i) + Half) * Output) - (Half * Input)) / (2 * Input);
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct BilinearResizeKernel(
    ArrayView<float> x, ArrayView<float> y, ResizeAxis vertical, ResizeAxis horizontal, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        int pixel = index / channels;
        int ow = pixel % horizontal.Output;
        int oh = pixel / horizontal.Output % vertical.Output;
        int n = pixel / horizontal.Output / vertical.Output;

        int left = horizontal.Lower(ow);
        int right = horizontal.Upper(left);
        float u = horizontal.UpperShare(ow);
        int top = vertical.Lower(oh);
        int bottom = vertical.Upper(top);
        float v = vertical.UpperShare(oh);

        int topRow = ((n * vertical.Input) + top) * horizontal.Input;
        int bottomRow = ((n * vertical.Input) + bottom) * horizontal.Input;
        float above = ((1 - u) * x[((topRow + left) * channels) + c]) + (u * x[((topRow + right) * channels) + c]);
        float below = ((1 - u) * x[((bottomRow + left) * channels) + c]) + (u * x[((bottomRow + right) * channels) + c]);
        y[index] = ((1 - v) * above) + (v * below);
    }
}

/// <summary>One thread, one element of dx: it gathers, row by row, the dy that it had a share in.</summary>
internal readonly struct BilinearResizeBackwardKernel(
    ArrayView<float> dy, ArrayView<float> dx, ResizeAxis vertical, ResizeAxis horizontal, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        int pixel = index / channels;
        int w = pixel % horizontal.Input;
        int h = pixel / horizontal.Input % vertical.Input;
        int n = pixel / horizontal.Input / vertical.Input;

        int firstColumn = horizontal.FirstOutput(w);
        int lastColumn = horizontal.LastOutput(w);
        int lastRow = vertical.LastOutput(h);
        float sum = 0;
        for (int oh = vertical.FirstOutput(h); oh <= lastRow; oh++)
        {
            float rowShare = vertical.Share(oh, h);
            int row = ((n * vertical.Output) + oh) * horizontal.Output;
            for (int ow = firstColumn; ow <= lastColumn; ow++)
            {
                float share = rowShare * horizontal.Share(ow, w);
                if (share > 0)
                {
                    sum += share * dy[((row + ow) * channels) + c];
                }
            }
        }

        dx[index] = sum;
    }
}
