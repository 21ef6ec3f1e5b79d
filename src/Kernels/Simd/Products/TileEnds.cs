using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// What a <see cref="RegisterTile"/> does with its sums. Each end is a method of the tile's own: what would branch there, the JIT pays for with
/// accumulators that it spills inside the loop.
/// </summary>
internal interface ITileEnd
{
    /// <summary>Takes a row of the tile, two vectors; rows come in order.</summary>
    void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>;
}

/// <summary>c[row] = sums.</summary>
/// <param name="c">[6, 2 * lanes].</param>
/// <param name="ldc">Floats from row to row of c.</param>
internal readonly unsafe struct TileStore(float* c, int ldc) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV> => RegisterTile.StoreRow(c + (row * ldc), first, second);
}

/// <summary>c[row] += sums.</summary>
/// <param name="c">[6, 2 * lanes].</param>
/// <param name="ldc">Floats from row to row of c.</param>
internal readonly unsafe struct TileAdd(float* c, int ldc) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>
    {
        float* target = c + (row * ldc);
        RegisterTile.StoreRow(target, first + TV.Load(target), second + TV.Load(target + TV.Lanes));
    }
}

/// <summary>targets[row] = clip(sums + bias).</summary>
/// <param name="targets">Where each of the six rows goes.</param>
/// <param name="bias">As many floats as the tile has columns.</param>
/// <param name="low">The least value that is kept; a NaN stays one.</param>
/// <param name="high">The largest.</param>
internal readonly unsafe struct TileFinish(float** targets, float* bias, float low, float high) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV> => Store(row, first + TV.Load(bias), second + TV.Load(bias + TV.Lanes));

    /// <summary>targets[row] = clip(values).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>
    {
        TV least = TV.Broadcast(low), most = TV.Broadcast(high);
        RegisterTile.StoreRow(targets[row], TV.Min(most, TV.Max(least, first)), TV.Min(most, TV.Max(least, second)));
    }
}

/// <summary>targets[row] = clip(sums + bias + residuals[row]).</summary>
/// <param name="finish">The end without residuals.</param>
/// <param name="bias">As many floats as the tile has columns.</param>
/// <param name="residuals">What is added to each of the six rows; may be its target.</param>
internal readonly unsafe struct TileFinishSum(TileFinish finish, float* bias, float** residuals) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>
    {
        float* other = residuals[row];
        first = first + TV.Load(bias) + TV.Load(other);
        second = second + TV.Load(bias + TV.Lanes) + TV.Load(other + TV.Lanes);
        finish.Store(row, first, second);
    }
}
