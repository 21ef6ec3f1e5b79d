using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// How the threads of a group multiply two slabs of <see cref="AsyncSlab"/>; compiled into
/// <see cref="AsyncProductKernel{TProduct, TTile, TMultiplier}"/>.
/// </summary>
internal interface IMultiplier
{
    /// <summary>Sets what it keeps of C beside the thread's tile to zero; once in a kernel and before anything else.</summary>
    void Clear();

    /// <summary>Bytes from the start of A in a slab to what the thread reads first.</summary>
    int LeftStart(GroupTile tile);

    /// <summary>Bytes from the start of B to what the thread reads first.</summary>
    int RightStart(GroupTile tile);

    /// <summary>Changes what the thread itself copied of a slab as the multiplication wants it, before others read it.</summary>
    /// <param name="tile">The group's tile and its memory.</param>
    /// <param name="copied">Bytes from the start of that memory to the first quad of B that the thread copied.</param>
    void Prepare(GroupTile tile, int copied);

    /// <summary>Returns <paramref name="sum"/>, the thread's tile so far, + the product of two slabs.</summary>
    /// <param name="sum">The thread's tile so far.</param>
    /// <param name="tile">The group's tile and its memory.</param>
    /// <param name="left">Bytes from the start of that memory to what the thread reads first of A.</param>
    /// <param name="right">The same of B.</param>
    Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right);

    /// <summary>Writes the thread's part of C to the group's memory.</summary>
    void Store(Tile8x8 sum, GroupTile tile);
}

/// <summary>The tile of C that a group computes, and its dynamic shared memory.</summary>
/// <param name="memory">The memory.</param>
/// <param name="address">Where it begins, for instructions of CUDA's own.</param>
/// <param name="alongDepth">Whether A runs along the depth.</param>
/// <param name="rowBits">Rows, as a shift.</param>
/// <param name="columnBits">Columns, as a shift.</param>
internal readonly struct GroupTile(ArrayView<float> memory, int address, bool alongDepth, int rowBits, int columnBits)
{
    internal readonly ArrayView<float> Memory = memory;
    internal readonly int Address = address, RowBits = rowBits, ColumnBits = columnBits;
    internal readonly bool AlongDepth = alongDepth;
}
