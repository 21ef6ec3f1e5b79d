using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops of imported networks that move pixels or look at their channels: padding, resizing, local normalization.</summary>
internal static class PixelOpCases
{
    public static IEnumerable<OpCase> Of(Shape x) => [.. Pads(x), .. Resizes(x), .. Normalization(x)];

    private static IEnumerable<OpCase> Pads(Shape x)
    {
        var y = new Shape(x.N, x.H + 4, x.W + 1, x.C);
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            yield return new OpCase($"pad forward, {mode}", $"{x} to {y}", OpCases.Exact, t =>
            {
                Tensor from = t.Input("x", x), to = t.Output("y", y);
                return () => Pad2D.Forward(from, to, 3, -1, mode, 0.7f);
            });
            yield return new OpCase($"pad backward, {mode}", $"{x} to {y}", OpCases.Rounding, t =>
            {
                Tensor dy = t.Input("dy", y), dx = t.Output("dx", x);
                return () => Pad2D.Backward(dy, dx, 3, -1, mode);
            });
        }

        Shape wide = x.WithC(x.C + 3);
        yield return new OpCase("pad forward, channels", $"{x} to {wide}", OpCases.Exact, t =>
        {
            Tensor from = t.Input("x", x), to = t.Output("y", wide);
            return () => Pad2D.Forward(from, to, 0, 0, PadMode.Constant, 0.7f, front: 2);
        });
    }

    private static IEnumerable<OpCase> Resizes(Shape x)
    {
        Shape y = x with { H = x.H + 4, W = x.W - 2 };
        foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
        {
            var rule = ResizeRule.Between(x, y, interpolation, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor);
            yield return new OpCase($"resize of features forward, {interpolation}", $"{x} to {y}", OpCases.Rounding, t =>
            {
                Tensor from = t.Input("x", x), to = t.Output("y", y);
                return () => Resize2D.Forward(from, to, rule);
            });
            yield return new OpCase($"resize of features backward, {interpolation}", $"{x} to {y}", OpCases.Rounding, t =>
            {
                Tensor dy = t.Input("dy", y), dx = t.Output("dx", x);
                return () => Resize2D.Backward(dy, dx, rule);
            });
        }
    }

    private static IEnumerable<OpCase> Normalization(Shape x)
    {
        yield return new OpCase("local response normalization forward", $"{x}", OpCases.Rounding, t =>
        {
            Tensor from = t.Input("x", x), to = t.Output("y", x);
            return () => LocalResponseNormalization.Forward(from, to, 5, 0.5f, 0.75f, 1);
        });
        yield return new OpCase("local response normalization backward", $"{x}", OpCases.Rounding, t =>
        {
            Tensor from = t.Input("x", x), to = t.Input("y", x), dy = t.Input("dy", x), dx = t.Output("dx", x);
            return () => LocalResponseNormalization.Backward(from, to, dy, dx, 5, 0.5f, 0.75f, 1);
        });
    }
}
