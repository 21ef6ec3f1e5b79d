using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// What a <see cref="RegisterTile"/> does with its sums. Each end makes a method of its own of the tile: for what would branch there, the
/// JIT would spill accumulators inside the loop.
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

/// <summary>targets[row] = min(high, max(low, sums + bias)); a NaN stays one.</summary>
/// <param name="targets">Where each of the six rows goes.</param>
/// <param name="bias">As many floats as the tile has columns.</param>
/// <param name="low">The least value that is kept.</param>
/// <param name="high">The largest.</param>
internal readonly unsafe struct TileClip(float** targets, float* bias, float low, float high) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>
    {
        float* target = targets[row];
        TV.StoreClipped(first, bias, low, high, target);
        TV.StoreClipped(second, bias + TV.Lanes, low, high, target + TV.Lanes);
    }
}

/// <summary>targets[row] = min(high, max(low, sums + bias + residuals[row])); a NaN stays one.</summary>
/// <param name="targets">Where each of the six rows goes.</param>
/// <param name="residuals">What is added to each of them; not a target: the last pixel may be made more than once.</param>
/// <param name="bias">As many floats as the tile has columns.</param>
/// <param name="low">The least value that is kept.</param>
/// <param name="high">The largest.</param>
internal readonly unsafe struct TileClipSum(float** targets, float** residuals, float* bias, float low, float high) : ITileEnd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<TV>(int row, TV first, TV second)
        where TV : unmanaged, IVector<TV>
    {
        float* target = targets[row], other = residuals[row];
        TV.StoreClipped(first, bias, other, low, high, target);
        TV.StoreClipped(second, bias + TV.Lanes, other + TV.Lanes, low, high, target + TV.Lanes);
    }
}
