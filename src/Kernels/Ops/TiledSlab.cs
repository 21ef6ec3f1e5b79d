using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// How the threads of a group fill the slabs of a tiled product: four neighbours of A or B at a time ("a quad"), fetched from the
/// tensors into registers and later put into shared memory, where both slabs lie depth after depth.
/// </summary>
/// <param name="product">The factors.</param>
/// <param name="rowPlaces">Where the tile's rows lie, in shared memory.</param>
/// <param name="depthPlaces">Where the depths of two slabs lie, in shared memory.</param>
/// <param name="column">The tile's first column.</param>
/// <param name="end">Where the depth that the group sums ends.</param>
/// <param name="right">Where the tile's B begins.</param>
internal readonly struct TiledSlab<TProduct, TTile>(
    TProduct product, ArrayView<TilePlace> rowPlaces, ArrayView<TilePlace> depthPlaces, int column, int end, int right)
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    /// <summary>Of the number of quads in a depth of A, as a shift: the driver's compiler divides by constants as by arguments.</summary>
    private static int RowBits => default(TTile).RowBits - 2;

    private static int ColumnBits => default(TTile).ColumnBits - 2;

    private static int Fragments => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <summary>Works out the places of the slab at <paramref name="depth"/>; a barrier before they are used.</summary>
    public void Place(int half, int depth)
    {
        int k = Group.IdxX;
        do
        {
            if (k < TiledSlab.Depth)
            {
                depthPlaces[(half * TiledSlab.Depth) + k] = depth + k < end ? product.PlaceDepth(depth + k) : TilePlace.Nowhere;
            }

            k += Group.DimX;
        }
        while (Group.DimX < TiledSlab.Depth && k < TiledSlab.Depth);
    }

    /// <summary>The thread's share of the slab at <paramref name="depth"/>, in a group of a thread per fragment.</summary>
    public TiledQuads Fetch(int half, int depth)
    {
        int thread = Group.IdxX;
        Float4 left2 = default, left3 = default, right0 = default, right1 = default;
        if (Columns < 64)
        {
            left2 = FetchLeft(half, thread + (2 * Fragments));
            left3 = FetchLeft(half, thread + (3 * Fragments));
        }

        if (Rows <= 128 || thread < Fragments / 2)
        {
            right0 = FetchRight(thread, depth);
        }

        if (Rows <= 64)
        {
            right1 = FetchRight(thread + Fragments, depth);
        }

        return new TiledQuads(FetchLeft(half, thread), FetchLeft(half, thread + Fragments), left2, left3, right0, right1);
    }

    /// <summary>Puts into shared memory what <see cref="Fetch"/> brought, as slab number <paramref name="half"/>.</summary>
    public void Put(ArrayView<Float4> left, ArrayView<Float4> right, int half, TiledQuads quads)
    {
        int thread = Group.IdxX;
        PutLeft(left, half, thread, quads.Left0);
        PutLeft(left, half, thread + Fragments, quads.Left1);
        if (Columns < 64)
        {
            PutLeft(left, half, thread + (2 * Fragments), quads.Left2);
            PutLeft(left, half, thread + (3 * Fragments), quads.Left3);
        }

        if (Rows <= 128 || thread < Fragments / 2)
        {
            PutRight(right, half, thread, quads.Right0);
        }

        if (Rows <= 64)
        {
            PutRight(right, half, thread + Fragments, quads.Right1);
        }
    }

    /// <summary>Both in one, for a group of any size.</summary>
    public void Fill(ArrayView<Float4> left, ArrayView<Float4> right, int half, int depth)
    {
        for (int quad = Group.IdxX; quad < TiledSlab.Depth * Rows / 4; quad += Group.DimX)
        {
            PutLeft(left, half, quad, FetchLeft(half, quad));
        }

        for (int quad = Group.IdxX; quad < TiledSlab.Depth * Columns / 4; quad += Group.DimX)
        {
            PutRight(right, half, quad, FetchRight(quad, depth));
        }
    }

    /// <summary>Quad number <paramref name="quad"/> of a slab of A.</summary>
    private Float4 FetchLeft(int half, int quad)
    {
        if (product.LeftRunsAlongDepth)
        {
            TilePlace row = rowPlaces[quad >> TiledSlab.QuadBits];
            int k = (half * TiledSlab.Depth) + ((quad & ((1 << TiledSlab.QuadBits) - 1)) * 4);
            return product.LeftIsWide
                ? FetchWide(row, depthPlaces[k])
                : new Float4(
                    FetchOne(row, depthPlaces[k]), FetchOne(row, depthPlaces[k + 1]),
                    FetchOne(row, depthPlaces[k + 2]), FetchOne(row, depthPlaces[k + 3]));
        }

        int first = (quad & ((Rows / 4) - 1)) * 4;
        TilePlace depth = depthPlaces[(half * TiledSlab.Depth) + (quad >> RowBits)];
        return product.LeftIsWide
            ? FetchWide(rowPlaces[first], depth)
            : new Float4(
                FetchOne(rowPlaces[first], depth), FetchOne(rowPlaces[first + 1], depth),
                FetchOne(rowPlaces[first + 2], depth), FetchOne(rowPlaces[first + 3], depth));
    }

    /// <summary>
    /// Quad number <paramref name="quad"/> of the slab of B at <paramref name="depth"/>; zeros past the last depth and column.
    /// </summary>
    private Float4 FetchRight(int quad, int depth)
    {
        int j = column + ((quad & ((Columns / 4) - 1)) * 4);
        depth += quad >> ColumnBits;
        int used = depth < end ? product.Columns - j : 0;
        int at = right + (depth * product.RightPitch) + j;
        if (product.RightIsWide)
        {
            return used > 0 ? Float4.Load(product.RightValues, at) : default;
        }

        ArrayView<float> values = product.RightValues;
        return new Float4(
            used > 0 ? values[at] : 0, used > 1 ? values[at + 1] : 0, used > 2 ? values[at + 2] : 0, used > 3 ? values[at + 3] : 0);
    }

    /// <summary>Puts a quad of A where <see cref="FetchLeft"/> found it.</summary>
    private void PutLeft(ArrayView<Float4> slab, int half, int quad, Float4 values)
    {
        int pitch = (Rows + TiledSlab.Pad) / 4;
        half *= TiledSlab.Depth;
        if (!product.LeftRunsAlongDepth)
        {
            slab[((half + (quad >> RowBits)) * pitch) + (quad & ((Rows / 4) - 1))] = values;
            return;
        }

        ArrayView<float> words = slab.Cast<float>();
        int k = (quad & ((1 << TiledSlab.QuadBits) - 1)) * 4, at = ((half + k) * pitch * 4) + (quad >> TiledSlab.QuadBits);
        words[at] = values.F0;
        words[at + (4 * pitch)] = values.F1;
        words[at + (8 * pitch)] = values.F2;
        words[at + (12 * pitch)] = values.F3;
    }

    /// <summary>Puts a quad of B where <see cref="FetchRight"/> found it.</summary>
    private static void PutRight(ArrayView<Float4> slab, int half, int quad, Float4 values) =>
        slab[(((half * TiledSlab.Depth) + (quad >> ColumnBits)) * ((Columns + TiledSlab.Pad) / 4)) + (quad & ((Columns / 4) - 1))] = values;

    private Float4 FetchWide(TilePlace row, TilePlace depth) =>
        product.Meet(row, depth) ? Float4.Load(product.LeftValues, product.Left(row, depth)) : default;

    private float FetchOne(TilePlace row, TilePlace depth) =>
        product.Meet(row, depth) ? product.LeftValues[product.Left(row, depth)] : 0;
}

/// <summary>A thread's share of a slab in registers, on its way to shared memory; a tile of 64 columns has two quads of A.</summary>
internal readonly struct TiledQuads(Float4 left0, Float4 left1, Float4 left2, Float4 left3, Float4 right0, Float4 right1)
{
    public readonly Float4 Left0 = left0, Left1 = left1, Left2 = left2, Left3 = left3, Right0 = right0, Right1 = right1;
}

/// <summary>The slabs of a tiled product in shared memory.</summary>
internal static class TiledSlab
{
    /// <summary>Depth of a slab.</summary>
    public const int Depth = 8;

    /// <summary>Quads along the depth, as a shift.</summary>
    public const int QuadBits = 1;

    /// <summary>
    /// Floats between two depths of a slab beyond the tile's: with a pitch of 4 modulo 32, the 16 x 2 quads that a warp puts along the
    /// depth lie in 32 banks.
    /// </summary>
    public const int Pad = 4;
}
