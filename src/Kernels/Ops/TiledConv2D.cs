namespace GpuCam.Kernels.Ops;

/// <summary>
/// The convolution by tiled products, in any number of groups of channels: one launch, and a second one where a sum is split because its
/// tiles alone would leave multiprocessors without work.
/// </summary>
internal static class TiledConv2D
{
    /// <summary><see cref="Conv2D.Forward"/>; <see cref="GroupedConv2D.Forward"/>.</summary>
    public static void Forward(
        Tensor x, Tensor weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, Activation activation, Tensor? residual, int offset)
    {
        int columns = g.OC / groups;
        var result = new ProductResult(y, columns, y.Shape.C, offset, columns, 0);
        if (IsSmallProduct(x.Device, g, weight))
        {
            MatrixProduct.LaunchGroups(
                x.Device, new MatrixFactors(x, weight, 1, g.Y.N * g.Y.Area, g.X.C, g.OC, false, false),
                new ProductEpilogue(result, weight, bias, residual, activation, g.OC, 0));
            return;
        }

        var epilogue = new ProductEpilogue(result, weight, bias, residual, activation, g.OC, columns);
        if (groups == 1 && ChannelPadding.Helps(x.Device, g))
        {
            ForwardPadded(x, weight, epilogue, g);
            return;
        }

        var factors = new TiledFactors(x, weight, g, g.Y, groups, groups, columns, g.X.C / groups, columns, g.OC);
        TilePlan plan = factors.PlanForward(x.Device.Launches.Forward);
        factors.Forward(plan, epilogue, Scratch(x.Device, factors.Parts(plan), weight));
    }

    /// <summary>
    /// <see cref="Conv2D.BackwardData"/>; <see cref="GroupedConv2D.BackwardData"/>. The weight's taps are turned first. With stride 1 the
    /// gradient is then itself a convolution: of dy, padded by what the kernel reaches beyond the forward padding.
    /// </summary>
    public static void BackwardData(Tensor dy, Tensor weight, Tensor dx, Conv2DGeometry g, int groups)
    {
        if (g.StrideH != 1 || g.StrideW != 1)
        {
            BackwardStrided(dy, weight, dx, g, groups);
            return;
        }

        if (IsSmallProduct(dy.Device, g, weight))
        {
            MatrixProduct.LaunchGroups(
                dy.Device, new MatrixFactors(dy, weight, 1, g.Y.N * g.Y.Area, g.OC, g.X.C, false, true),
                new ProductEpilogue(new ProductResult(dx, g.X.C), weight));
            return;
        }

        int inputs = g.X.C / groups, outputs = g.OC / groups;
        Conv2DGeometry back = g with
        {
            X = g.Y,
            OC = g.X.C,
            PadTop = (g.DilationH * (g.KH - 1)) - g.PadTop,
            PadLeft = (g.DilationW * (g.KW - 1)) - g.PadLeft,
        };
        IDevice device = dy.Device;
        LaunchRow row = device.Launches.BackwardData;
        int pitch = weight.Count / groups, place = (weight.Count + Float4.Count - 1) / Float4.Count * Float4.Count;

        TilePlan plan = Factors(Scratch(device, weight.Count, weight)).PlanForward(row);
        int parts = Factors(weight).Parts(plan);
        DeviceBuffer<float> memory = device.Scratch(checked(place + parts));
        var turned = new Tensor(memory, 0, "turned taps", Shape.Vector(weight.Count));
        device.Launch(weight.Count, new TurnedTapsKernel(weight.View, turned.View, g.KH * g.KW, inputs, outputs, groups, 1));
        Factors(turned).Forward(
            plan, new ProductEpilogue(new ProductResult(dx, inputs, g.X.C, 0, inputs, 0), turned),
            parts == 0 ? turned : new Tensor(memory, place, "parts", Shape.Vector(parts)));

        TiledFactors Factors(Tensor right) => new(dy, right, back, g.X, groups, groups, inputs, outputs, pitch, inputs);
    }

    /// <summary>
    /// <see cref="GroupedConv2D.BackwardWeight"/>, also of one group. Groups of threads sum parts of the pixels, a second launch adds the
    /// parts up in order.
    /// </summary>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        int inputs = g.X.C / groups, outputs = g.OC / groups;
        var factors = new TiledFactors(x, dy, g, g.Y, groups, groups, outputs, inputs, outputs, g.OC);
        Turned(factors, dWeight, g.OC, outputs);
    }

    /// <summary>A product whose rows are taps, split over pixels.</summary>
    /// <param name="factors">Its factors.</param>
    /// <param name="y">Its result.</param>
    /// <param name="pitch">Floats from row to row of the result.</param>
    /// <param name="batch">Floats from one result to the next one.</param>
    public static void Turned(TiledFactors factors, Tensor y, int pitch, int batch)
    {
        IDevice device = y.Device;
        TilePlan plan = factors.PlanTurned(device.Launches.BackwardWeight);
        Tensor parts = plan.Splits == 1 ? y : Scratch(device, checked(plan.Splits * y.Count), y);
        factors.Turned(plan, new ProductResult(parts, factors.Columns, pitch, 0, batch, plan.Splits == 1 ? 0 : y.Count));
        if (plan.Splits > 1)
        {
            ColumnSum.AddUp(device, parts.View, y.View, y.Count, plan.Splits);
        }
    }

    /// <summary>Scratch memory of so many floats; <paramref name="none"/> for 0.</summary>
    public static Tensor Scratch(IDevice device, int floats, Tensor none) =>
        floats == 0 ? none : new Tensor(device.Scratch(floats), 0, "parts", Shape.Vector(floats));

    private static void ForwardPadded(Tensor x, Tensor weight, ProductEpilogue epilogue, Conv2DGeometry g)
    {
        IDevice device = x.Device;
        Conv2DGeometry padded = ChannelPadding.Of(g);
        int place = ChannelPadding.Floats(g);
        DeviceBuffer<float> memory = device.Scratch(place);
        TilePlan plan = Factors().PlanForward(device.Launches.Forward);
        int parts = Factors().Parts(plan);
        memory = device.Scratch(checked(place + parts));
        ChannelPadding.Fill(memory, x, weight, g);
        Factors().Forward(plan, epilogue, parts == 0 ? x : new Tensor(memory, place, "parts", Shape.Vector(parts)));

        TiledFactors Factors() => new(
            new Tensor(memory, 0, "x with another channel", padded.X),
            new Tensor(memory, padded.X.Count, "weight with another channel", padded.Weight), padded, g.Y, 1, 1, g.OC, 0, 0, g.OC);
    }

    /// <summary>Whether this is a product of matrices that is no work for tiles: gates, classifiers written as convolutions.</summary>
    private static bool IsSmallProduct(IDevice device, Conv2DGeometry g, Tensor weight) =>
        g.X == g.Y.WithC(g.X.C) && weight.Count == g.X.C * g.OC
        && !MatrixProduct.IsTiled(device.Launches, 1, g.Y.N * g.Y.Area, g.X.C, g.OC);

    private static void BackwardStrided(Tensor dy, Tensor weight, Tensor dx, Conv2DGeometry g, int groups)
    {
        IDevice device = dy.Device;
        LaunchTable table = device.Launches;
        int inputs = g.X.C / groups, outputs = g.OC / groups, rows = g.X.N * g.X.Area, depth = g.KH * g.KW * outputs;
        var turned = new Tensor(device.Scratch(weight.Count), 0, "turned taps", Shape.Vector(weight.Count));
        device.Launch(weight.Count, new TurnedTapsKernel(weight.View, turned.View, g.KH * g.KW, inputs, outputs, groups, 0));
        var wide = new TiledWidth(Quads.Fit(outputs, dy), Quads.Fit(inputs, turned));
        TilePlan plan = table.Plan(table.BackwardData, rows, inputs, depth, TiledProduct.UnitOf(device, wide), groups);
        var batches = new ProductBatches(groups, rows, plan.Tile.Rows, outputs, depth * inputs, inputs);
        var result = new ProductResult(dx, inputs, g.X.C, 0, inputs, 0);
        TiledProduct.Launch(device, plan, new Conv2DBackwardDataProduct(dy.View, turned.View, g, g.Y, wide, batches, result), dy, turned);
    }
}
