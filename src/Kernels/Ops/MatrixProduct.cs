namespace GpuCam.Kernels.Ops;

/// <summary>
/// Products of matrices by the kernel that suits their extents: tiles, where most of one is filled and its work is worth a launch; else
/// groups that share out the depth (few rows, say: the right factor is read once for four of them); else a thread for an element.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>Below so many rows reading the right factor is all that takes time, and groups read it as fast as tiles do.</summary>
    private const int LeastTiledRows = 16;

    /// <summary>Below so many columns a tile is mostly empty.</summary>
    private const int LeastTiledColumns = 8;

    /// <summary>Below this depth a tile's sums are stored almost as soon as it has begun.</summary>
    private const int LeastTiledDepth = 16;

    /// <summary>Below this depth there is nothing to share out: a thread per element is as fast.</summary>
    private const int LeastSharedDepth = 32;

    /// <summary>Whether tiles are the way on a device that prefers groups.</summary>
    public static bool IsTiled(LaunchTable table, int batches, int m, int k, int n) =>
        m >= LeastTiledRows && n >= LeastTiledColumns && k >= LeastTiledDepth && (long)batches * m * n * k >= table.LeastTiledWork;

    /// <summary>Writes <paramref name="y"/>, the products of these factors.</summary>
    /// <param name="f">The factors.</param>
    /// <param name="y">The products, dense and one after the other, unless <paramref name="epilogue"/> puts them elsewhere.</param>
    /// <param name="epilogue">What becomes of the sums; nothing where the left factors lie turned.</param>
    public static void Launch(MatrixFactors f, Tensor y, ProductEpilogue epilogue)
    {
        IDevice device = y.Device;
        if (!device.PrefersGroups)
        {
            device.Launch(f.Batches * f.M * f.N, new BatchedMatMulKernel(f.ForKernel, epilogue));
        }
        else if (!IsTiled(device.Launches, f.Batches, f.M, f.K, f.N))
        {
            LaunchGroups(device, f, epilogue);
        }
        else
        {
            LaunchTiles(device, f, y, epilogue);
        }
    }

    /// <summary>Without tiles.</summary>
    public static void LaunchGroups(IDevice device, MatrixFactors f, ProductEpilogue epilogue)
    {
        if (f.K < LeastSharedDepth)
        {
            device.Launch(f.Batches * f.M * f.N, new BatchedMatMulKernel(f.ForKernel, epilogue));
            return;
        }

        int rowTiles = f.Batches * Lanes.Tiles(f.M);
        int width = ColumnLanes.WidthFor(rowTiles, f.N, device);
        device.LaunchGroups(
            checked(rowTiles * ColumnLanes.Groups(f.N, width)), device.Launches.ReductionGroup(int.MaxValue),
            new ProductGroupKernel(f.ForKernel, epilogue, width));
    }

    /// <summary>The right factor of tiles lies row after row: one that does not is turned first.</summary>
    private static void LaunchTiles(IDevice device, MatrixFactors f, Tensor y, ProductEpilogue epilogue)
    {
        int place = f.TransposeB ? Lanes.Tiles(f.B.Count) * Float4.Count : 0;
        Tensor right = f.TransposeB ? Turned() : f.B;
        TilePlan plan = f.TransposeA
            ? Factors().PlanTurned(device.Launches.BackwardWeight) : Factors().PlanForward(device.Launches.Forward);
        int floats = f.TransposeA ? (plan.Splits == 1 ? 0 : checked(plan.Splits * y.Count)) : Factors().Parts(plan);
        Tensor parts = floats == 0
            ? y : new Tensor(device.Scratch(checked(place + floats)), place, "parts", Shape.Vector(floats));
        if (f.TransposeB)
        {
            right = Turned();
            device.Launch(f.B.Count, new TurnedTapsKernel(f.B.View, right.View, f.Batches, f.N, f.K, 1, 0));
        }

        if (!f.TransposeA)
        {
            Factors().Forward(plan, epilogue, parts);
            return;
        }

        Factors().Turned(plan, new ProductResult(parts, f.N, f.N, 0, f.M * f.N, floats == 0 ? 0 : y.Count));
        if (floats > 0)
        {
            ColumnSum.AddUp(device, parts.View, y.View, y.Count, plan.Splits);
        }

        Tensor Turned() => new(device.Scratch(place), 0, "turned factors", Shape.Vector(f.B.Count));

        // A matrix is an image of a pixel for each row, or, turned, for each of its depths.
        TiledFactors Factors()
        {
            (int pixels, int channels) = f.TransposeA ? (f.K, f.M) : (f.M, f.K);
            var g = Conv2DGeometry.Same(new Shape(pixels, 1, 1, channels), 1, f.N);
            return new TiledFactors(f.A, right, g, g.Y, 1, f.Batches, f.N, f.M * f.K, f.K * f.N, f.N);
        }
    }
}

/// <summary>Pairs of matrices, m x k and k x n, one pair after the other, each dense and row after row as it lies or turned.</summary>
/// <param name="A">Left factors.</param>
/// <param name="B">Right factors.</param>
/// <param name="Batches">How many.</param>
/// <param name="M">Rows of a product.</param>
/// <param name="K">Depth.</param>
/// <param name="N">Columns of a product.</param>
/// <param name="TransposeA">Whether the left factors lie turned, k x m.</param>
/// <param name="TransposeB">Whether the right factors lie turned, n x k.</param>
internal readonly record struct MatrixFactors(
    Tensor A, Tensor B, int Batches, int M, int K, int N, bool TransposeA, bool TransposeB)
{
    /// <summary>As kernels take them.</summary>
    public ProductFactors ForKernel => new(
        A.View, B.View, M, K, N, TransposeA ? 1 : K, TransposeA ? M : 1, TransposeB ? 1 : N, TransposeB ? K : 1);
}
