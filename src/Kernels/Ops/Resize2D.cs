using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Resize of every channel along height and width, as ONNX Resize and Upsample do it (without antialiasing): along each axis
/// <c>y[o] = (1 - t) * x[i] + t * x[i + 1]</c> with i and t as <see cref="ResizeRule"/> has them, t being 0 where the nearest pixel is
/// taken. Backward is the transpose: <c>dx[i]</c> sums the <c>dy[o]</c> that x[i] had a share in, times that share.
/// <see cref="BilinearResize"/> is the one for maps.
/// </summary>
/// <remarks>
/// Layouts: x, dx <c>[N, H, W, C]</c>; y, dy <c>[N, OH, OW, C]</c>. The taps are worked out once, by the host, so that every device and
/// both directions agree on each of them.
/// </remarks>
public static class Resize2D
{
    /// <summary>Indices are kept as floats, which hold them up to here.</summary>
    private const int MaxExtent = 1 << 24;

    /// <summary>Writes <paramref name="y"/>, whose shape says the new size.</summary>
    /// <exception cref="GpuCamException">A scale is no positive number.</exception>
    public static void Forward(Tensor x, Tensor y, ResizeRule rule)
    {
        (ResizeTaps vertical, ResizeTaps horizontal) = Taps(x, y, rule);
        if (HostResize2D.TryForward(x, y, vertical, horizontal))
        {
            return;
        }

        x.Device.Launch(y.Count, new Resize2DKernel(x.View, y.View, vertical, horizontal, x.Shape.C));
    }

    /// <summary>Writes <paramref name="dx"/>, whose shape says the original size.</summary>
    /// <exception cref="GpuCamException">A scale is no positive number.</exception>
    public static void Backward(Tensor dy, Tensor dx, ResizeRule rule)
    {
        (ResizeTaps vertical, ResizeTaps horizontal) = Taps(dx, dy, rule);
        if (HostResize2D.TryBackward(dy, dx, vertical, horizontal))
        {
            return;
        }

        dx.Device.Launch(dx.Count, new Resize2DBackwardKernel(dy.View, dx.View, vertical, horizontal, dx.Shape.C));
    }

    private static (ResizeTaps Vertical, ResizeTaps Horizontal) Taps(Tensor x, Tensor y, ResizeRule rule)
    {
        y.Expect(x.Shape with { H = y.Shape.H, W = y.Shape.W });
        if (!(rule.ScaleH > 0 && rule.ScaleW > 0 && float.IsFinite(rule.ScaleH) && float.IsFinite(rule.ScaleW)))
        {
            throw new GpuCamException($"resize of '{x.Name}' by {rule.ScaleH} x {rule.ScaleW}: a scale must be a positive number");
        }

        if (Math.Max(Math.Max(x.Shape.H, x.Shape.W), Math.Max(y.Shape.H, y.Shape.W)) > MaxExtent)
        {
            throw new GpuCamException($"resize of '{x.Name}' {x.Shape} to {y.Shape}: more than {MaxExtent} pixels a side");
        }

        float[] vertical = ResizeTaps.Of(rule, x.Shape.H, y.Shape.H, rule.ScaleH);
        float[] horizontal = ResizeTaps.Of(rule, x.Shape.W, y.Shape.W, rule.ScaleW);
        DeviceBuffer<float> table = x.Device.Scratch(vertical.Length + horizontal.Length);
        table.CopyFrom([.. vertical, .. horizontal]);
        return (
            new ResizeTaps(table.View.SubView(0, vertical.Length), x.Shape.H, y.Shape.H),
            new ResizeTaps(table.View.SubView(vertical.Length, horizontal.Length), x.Shape.W, y.Shape.W));
    }
}

/// <summary>
/// The taps of one axis, in device memory: for every output its lower tap and the upper one's share, then for every input the first
/// output that it may have a share in, and the first behind the last.
/// </summary>
internal readonly struct ResizeTaps(ArrayView<float> table, int input, int output)
{
    /// <summary>Extent of x.</summary>
    public int Input => input;

    /// <summary>Extent of y.</summary>
    public int Output => output;

    /// <summary>The lower tap of output <paramref name="o"/>.</summary>
    public int Lower(int o) => (int)table[o];

    /// <summary>The upper tap next to <paramref name="lower"/>; the last pixel is its own neighbour.</summary>
    public int Upper(int lower) => lower + 1 < input ? lower + 1 : lower;

    /// <summary>The upper tap's share of output <paramref name="o"/>.</summary>
    public float UpperShare(int o) => table[output + o];

    /// <summary>No output before this one has a share of input <paramref name="i"/>.</summary>
    public int First(int i) => (int)table[(2 * output) + i];

    /// <summary>No output from here on has a share of input <paramref name="i"/>.</summary>
    public int End(int i) => (int)table[(2 * output) + input + i];

    /// <summary>Input <paramref name="i"/>'s share of output <paramref name="o"/>, one of those between the two.</summary>
    public float Share(int o, int i) => Lower(o) == i ? 1 - UpperShare(o) : UpperShare(o);

    /// <summary>The table of an axis.</summary>
    internal static float[] Of(ResizeRule rule, int input, int output, float scale)
    {
        float[] table = new float[(2 * output) + (2 * input)];
        for (int o = 0; o < output; o++)
        {
            (int lower, float share) = rule.Tap(o, input, output, scale);
            (table[o], table[output + o]) = (lower, share);
            Meet(lower, o);
            if (share > 0)
            {
                Meet(lower + 1, o);
            }
        }

        return table;

        void Meet(int i, int o)
        {
            int first = (2 * output) + i;
            table[first] = table[first + input] == 0 ? o : table[first];
            table[first + input] = o + 1;
        }
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct Resize2DKernel(
    ArrayView<float> x, ArrayView<float> y, ResizeTaps vertical, ResizeTaps horizontal, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels, pixel = index / channels;
        int ow = pixel % horizontal.Output, line = pixel / horizontal.Output;
        int oh = line % vertical.Output, n = line / vertical.Output;
        int left = horizontal.Lower(ow), right = horizontal.Upper(left), top = vertical.Lower(oh), bottom = vertical.Upper(top);
        float u = horizontal.UpperShare(ow), v = vertical.UpperShare(oh);

        int above = ((n * vertical.Input) + top) * horizontal.Input, below = ((n * vertical.Input) + bottom) * horizontal.Input;
        float first = ((1 - u) * x[((above + left) * channels) + c]) + (u * x[((above + right) * channels) + c]);
        float second = ((1 - u) * x[((below + left) * channels) + c]) + (u * x[((below + right) * channels) + c]);
        y[index] = ((1 - v) * first) + (v * second);
    }
}

/// <summary>One thread, one element of dx: it gathers, row by row, the dy that it had a share in.</summary>
internal readonly struct Resize2DBackwardKernel(
    ArrayView<float> dy, ArrayView<float> dx, ResizeTaps vertical, ResizeTaps horizontal, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels, pixel = index / channels;
        int w = pixel % horizontal.Input, line = pixel / horizontal.Input;
        int h = line % vertical.Input, n = line / vertical.Input;
        int firstColumn = horizontal.First(w), endColumn = horizontal.End(w), endRow = vertical.End(h);
        float sum = 0;
        for (int oh = vertical.First(h); oh < endRow; oh++)
        {
            int row = ((n * vertical.Output) + oh) * horizontal.Output;
            float rowSum = 0;
            for (int ow = firstColumn; ow < endColumn; ow++)
            {
                rowSum += horizontal.Share(ow, w) * dy[((row + ow) * channels) + c];
            }

            sum += vertical.Share(oh, h) * rowSum;
        }

        dx[index] = sum;
    }
}
