using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops of the class activation methods: on channels, and on copies of images.</summary>
internal static class CamOpCases
{
    public static IEnumerable<OpCase> Of(Shape x)
    {
        var weights = Shape.Matrix(x.N, x.C);
        return [.. OnChannels(x, weights), .. Weights(x, weights), .. OnCopies(x)];
    }

    private static IEnumerable<OpCase> OnChannels(Shape x, Shape weights)
    {
        foreach (Shape weight in new[] { weights, x })
        {
            string shape = $"{x} by {weight}";
            yield return Case("channel scale", shape, OpCases.Rounding, x, x, (t, from, to) =>
            {
                Tensor factors = t.Input("weight", weight);
                return () => ChannelScale.Forward(from, factors, to);
            });
            yield return Case("channel sum", shape, OpCases.Rounding, x, x.WithC(1), (t, from, to) =>
            {
                Tensor factors = t.Input("weight", weight);
                return () => ChannelWeightedSum.Forward(from, factors, to);
            });
        }

        yield return Case("channel shift", $"{x}", OpCases.Rounding, x, x, (t, from, to) =>
        {
            Tensor shift = t.Input("shift", weights);
            return () => ChannelShift.Forward(from, shift, to);
        });
        foreach (Shape factor in new[] { x, Shape.Vector(x.C) })
        {
            yield return Case("absolute product", $"{x} by {factor}", OpCases.Rounding, x, x, (t, from, to) =>
            {
                Tensor factors = t.Input("b", factor);
                return () => AbsoluteProduct.Forward(from, factors, to);
            });
        }

        yield return Case(
            "tanh scale", $"{x.WithC(1)}", OpCases.Rounding, x.WithC(1), x.WithC(1), (_, from, to) => () => TanhScale.Forward(from, to));
    }

    private static IEnumerable<OpCase> Weights(Shape x, Shape weights)
    {
        yield return new OpCase("Grad-CAM++ weights", $"{x}", OpCases.Rounding, t =>
        {
            Tensor features = t.Input("x", x, 0), gradient = t.Input("gradient", x), weight = t.Output("weight", weights);
            return () => GradCamPlusPlusWeights.Forward(features, gradient, weight);
        });
        yield return new OpCase("XGrad-CAM weights", $"{x}", OpCases.Rounding, t =>
        {
            Tensor features = t.Input("x", x, 0), gradient = t.Input("gradient", x), weight = t.Output("weight", weights);
            return () => XGradCamWeights.Forward(features, gradient, weight);
        });
    }

    private static IEnumerable<OpCase> OnCopies(Shape x)
    {
        int[] images = [2, 0, 1, 2], channels = [0, x.C - 1, 3, 5];
        Shape copies = x.WithN(images.Length);
        yield return Case("channel drop", $"{x} to {copies}", OpCases.Exact, x, copies, (t, from, to) =>
        {
            DeviceBuffer<int> chosen = t.Values(images), dropped = t.Values(channels);
            return () => ChannelDrop.Forward(from, chosen, dropped, to);
        });
        yield return Case("channel planes", $"{x} to {copies.WithC(1)}", OpCases.Exact, x, copies.WithC(1), (t, from, to) =>
        {
            DeviceBuffer<int> chosen = t.Values(images), taken = t.Values(channels);
            return () => ChannelPlanes.Forward(from, chosen, taken, to);
        });
        foreach (bool noisy in new[] { false, true })
        {
            yield return Case(
                noisy ? "masked images, noise" : "masked images", $"{x} to {copies}", OpCases.Rounding, x, copies, (t, from, to) =>
            {
                Tensor masks = t.Input("masks", copies.WithC(1), 0);
                Tensor? noise = noisy ? t.Input("noise", copies.WithC(1).WithN(1)) : null;
                DeviceBuffer<int> chosen = t.Values(images);
                return () => MaskedImages.Forward(from, chosen, masks, noise, 0.7f, to);
            });
        }

        yield return Case("scaled copy, mirrored", $"{x}", OpCases.Rounding, x, x, (_, from, to) => () =>
            ScaledCopy.Forward(from, to, 0.7f, mirror: true));
        yield return new OpCase("scaled copy, added", $"{x}", OpCases.Rounding, t =>
        {
            Tensor from = t.Input("x", x), to = t.State("y", x);
            return () => ScaledCopy.Add(from, to, 0.7f, mirror: false);
        });
    }

    /// <summary>A case with one input x and one output y; <paramref name="prepare"/> makes what else there is.</summary>
    private static OpCase Case(
        string op, string shape, double tolerance, Shape from, Shape to, Func<OpCaseTensors, Tensor, Tensor, Action> prepare) =>
        new(op, shape, tolerance, t => prepare(t, t.Input("x", from), t.Output("y", to)));
}
