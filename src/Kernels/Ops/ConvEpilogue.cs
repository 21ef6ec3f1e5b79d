namespace GpuCam.Kernels.Ops;

/// <summary>
/// What a convolution adds to its sums, and where it puts them; step by step where the loops of a vectorised host do not know the function.
/// </summary>
internal static class ConvEpilogue
{
    /// <summary>Throws unless bias, result and residual fit a convolution.</summary>
    public static void Expect(Tensor? bias, Tensor y, Conv2DGeometry g, Tensor? residual, int offset)
    {
        Shape made = g.Y;
        bias?.Expect(Shape.Vector(g.OC));
        residual?.Expect(made);
        if (offset < 0 || offset > y.Shape.C - made.C)
        {
            y.Expect(made);
        }

        y.Expect(made.WithC(y.Shape.C));
    }

    /// <summary>Lets <paramref name="convolve"/> write sum and bias, with ReLU if that is all, and does the rest.</summary>
    public static void Around(
        Tensor y, Conv2DGeometry g, Activation activation, Tensor? residual, int offset, Action<Tensor, bool> convolve)
    {
        Shape made = g.Y;
        if (y.Shape != made)
        {
            using var part = new Tensor(y.Device, "channels", made);
            Around(part, g, activation, residual, 0, convolve);
            CopyRegion.Forward(part, y, default, made, new Shape(0, 0, 0, offset));
            return;
        }

        bool rectify = activation.IsRelu && residual is null;
        convolve(y, rectify);
        if (residual is not null)
        {
            Binary.Forward(BinaryFunction.Add, y, residual, y);
        }

        if (!rectify)
        {
            activation.Forward(y, y);
        }
    }
}
