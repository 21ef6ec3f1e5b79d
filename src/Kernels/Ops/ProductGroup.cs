using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The factors of products, m x k and k x n, one pair after the other: a[row, i] lies at <c>row * rowA + i * depthA</c>, b[i, column] at
/// <c>i * depthB + column * columnB</c>.
/// </summary>
/// <param name="A">Left factors.</param>
/// <param name="B">Right factors.</param>
/// <param name="M">Rows of a product.</param>
/// <param name="K">Depth.</param>
/// <param name="N">Columns of a product.</param>
/// <param name="RowA">Step from row to row of a.</param>
/// <param name="DepthA">Step along the depth of a.</param>
/// <param name="DepthB">Step along the depth of b.</param>
/// <param name="ColumnB">Step from column to column of b.</param>
internal readonly record struct ProductFactors(
    ArrayView<float> A, ArrayView<float> B, int M, int K, int N, int RowA, int DepthA, int DepthB, int ColumnB);

/// <summary>
/// One group, 4 rows and <paramref name="width"/> columns of one product; the threads share out the depth, so that a product of few
/// elements and a long depth still fills the device. Neighbouring threads take neighbouring columns, or, where b
/// lies along the depth, neighbouring places of it.
/// </summary>
internal readonly struct ProductGroupKernel(ProductFactors factors, ProductEpilogue epilogue, int width) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<Float4> sums = SharedMemory.Allocate<Float4>(GroupTree.MaxThreads);
        ProductFactors f = factors;
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, width);
        bool alongDepth = f.DepthB == 1 && f.ColumnB != 1;
        int lane = alongDepth ? Group.IdxX / mine.Lines : mine.Lane;
        int line = alongDepth ? Group.IdxX % mine.Lines : mine.Line;
        bool works = lane < mine.Lanes && line < mine.Lines;

        int tiles = ColumnLanes.Groups(f.N, width), rowTiles = Lanes.Tiles(f.M);
        int first = Grid.IdxX % tiles * width, rowTile = Grid.IdxX / tiles;
        int batch = rowTile / rowTiles, row = rowTile % rowTiles * Float4.Count;
        int columnEnd = Math.Min(f.N, first + width);
        var rows = new Lanes(row, f.M, f.RowA);
        for (int left = first; left < columnEnd; left += mine.Lanes)
        {
            int column = left + lane;
            int depth = works && column < columnEnd ? f.K : 0;
            int atA = (batch * f.M * f.K) + (row * f.RowA) + (line * f.DepthA);
            int atB = (batch * f.K * f.N) + (line * f.DepthB) + (column * f.ColumnB);
            Float4 sum = default;
            for (int i = line; i < depth; i += mine.Lines, atA += mine.Lines * f.DepthA, atB += mine.Lines * f.DepthB)
            {
                sum = sum.Plus(f.B[atB], Float4.Load(f.A, atA, rows));
            }

            if (works)
            {
                sums[(line * mine.Lanes) + lane] = sum;
            }

            GroupTree.Sum(sums, mine.Lanes, mine.Lines);
            if (works && line == 0 && column < columnEnd)
            {
                sum = sums[lane];
                for (int i = 0; i < Float4.Count && i < rows.Used; i++)
                {
                    epilogue.Store(batch, row + i, column, sum.F0);
                    sum = new Float4(sum.F1, sum.F2, sum.F3, sum.F0);
                }
            }

            Group.Barrier();
        }
    }
}
