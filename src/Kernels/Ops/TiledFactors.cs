namespace GpuCam.Kernels.Ops;

/// <summary>
/// The factors of products that <see cref="Conv2DForwardProduct"/> computes, or turned <see cref="Conv2DBackwardWeightProduct"/>, with the
/// choice of how.
/// </summary>
/// <param name="Left">What windows are taken from.</param>
/// <param name="Right">Right factors.</param>
/// <param name="G">The windows: all channels of all products that lie in one pixel. Its padding may be negative.</param>
/// <param name="Y">Images, height and width of the windows' places.</param>
/// <param name="Groups">Into how many products these channels fall.</param>
/// <param name="Batches">How many products there are.</param>
/// <param name="Columns">Columns of one.</param>
/// <param name="LeftStep">Floats from one's left factor to the next one's.</param>
/// <param name="RightStep">Floats from one's right factor to the next one's.</param>
/// <param name="RightPitch">Floats between two rows of a right factor.</param>
internal readonly record struct TiledFactors(
    Tensor Left, Tensor Right, Conv2DGeometry G, Shape Y, int Groups, int Batches, int Columns, int LeftStep, int RightStep, int RightPitch)
{
    private TiledWidth Wide => new(
        Quads.Fit(G.X.C / Groups, Left) && LeftStep % Float4.Count == 0,
        Quads.Fit(Columns, Right) && (RightStep | RightPitch) % Float4.Count == 0);

    private IDevice Device => Left.Device;

    private ProductUnit Unit => TiledProduct.UnitOf(Device, Wide);

    private int Pixels => Y.N * Y.Area;

    private int Taps => G.KH * G.KW * (G.X.C / Groups);

    /// <summary>How rows of pixels are multiplied; they may be split where that gives more multiprocessors work.</summary>
    public TilePlan PlanForward(LaunchRow row) =>
        Device.Launches.PlanFilled(row, Pixels, Columns, Taps, Unit, Batches);

    /// <summary>How rows of taps are multiplied.</summary>
    public TilePlan PlanTurned(LaunchRow row) =>
        Device.Launches.PlanSplit(row, Taps, Columns, Pixels, Unit, Batches);

    /// <summary>Launches the product whose rows are pixels.</summary>
    /// <param name="plan">How, by <see cref="PlanForward"/>.</param>
    /// <param name="epilogue">What becomes of the sums.</param>
    /// <param name="parts">Memory for the parts of split sums, of <see cref="Parts"/> elements; not read if there are none.</param>
    public void Forward(TilePlan plan, ProductEpilogue epilogue, Tensor parts)
    {
        int rows = Pixels;
        var batches = new ProductBatches(Batches, rows, plan.Tile.Rows, LeftStep, RightStep, RightPitch);
        ProductEpilogue stores = plan.Splits == 1
            ? epilogue
            : new ProductEpilogue(new ProductResult(parts, Columns, Columns, 0, rows * Columns, Parts(plan) / plan.Splits), parts);
        var product = new Conv2DForwardProduct(
            Left.View, Right.View, new Conv2DWindows(G, Groups), Y.WithC(Columns), Wide, batches, stores);
        TiledProduct.Launch(Device, plan, product, Left, Right);
        if (plan.Splits > 1)
        {
            Device.Launch(
                Batches * rows * Lanes.Tiles(Columns),
                new SplitSumKernel(parts.View, epilogue, rows, Columns, plan.Splits, Parts(plan) / plan.Splits));
        }
    }

    /// <summary>
    /// Launches the product whose rows are taps; it writes <paramref name="result"/>, one matrix for each part of the sum.
    /// </summary>
    public void Turned(TilePlan plan, ProductResult result)
    {
        var batches = new ProductBatches(Batches, Taps, plan.Tile.Rows, LeftStep, RightStep, RightPitch);
        var product = new Conv2DBackwardWeightProduct(
            Left.View, Right.View, new Conv2DWindows(G, Groups), Y.WithC(Columns), Wide, batches, result);
        TiledProduct.Launch(Device, plan, product, Left, Right);
    }

    /// <summary>Floats of all parts of split sums; 0 if they are not split.</summary>
    public int Parts(TilePlan plan) => plan.Splits == 1 ? 0 : checked(plan.Splits * Batches * Pixels * Columns);
}

/// <summary>One thread, four columns of a result: adds up the parts of split sums in order and finishes them.</summary>
internal readonly struct SplitSumKernel(ILGPU.ArrayView<float> parts, ProductEpilogue epilogue, int rows, int columns, int splits, int step)
    : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int tiles = Lanes.Tiles(columns), column = index % tiles * Float4.Count, line = index / tiles;
        int at = (line * columns) + column;
        var lanes = new Lanes(column, columns, 1);
        Float4 sum = default;
        for (int split = 0; split < splits; split++, at += step)
        {
            sum = sum.Plus(Float4.Load(parts, at, lanes));
        }

        int batch = line / rows;
        epilogue.Store(batch, line - (batch * rows), column, sum);
    }
}
