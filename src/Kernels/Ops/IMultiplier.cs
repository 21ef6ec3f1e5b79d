using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// How the threads of a group multiply two slabs of <see cref="AsyncSlab"/>; compiled into <see cref="AsyncProductKernel{TProduct, TTile, TMultiplier}"/>.
/// </summary>
public interface IMultiplier
{
    /// <summary>Sets what it keeps of C beside the thread's tile to zero; once in a kernel and before anything else.</summary>
    void Clear();

    /// <summary>Bytes from the start of A in a slab to what the thread reads first.</summary>
    int LeftStart(bool alongDepth, int columnBits);

    /// <summary>Bytes from the start of B to what the thread reads first.</summary>
    int RightStart(int columnBits);

    /// <summary>Adds the product of two slabs.</summary>
    /// <param name="sum">The thread's tile so far.</param>
    /// <param name="shared">Dynamic shared memory.</param>
    /// <param name="address">Where that begins, for instructions of CUDA's own.</param>
    /// <param name="left">Bytes from there to what the thread reads first of A.</param>
    /// <param name="right">The same of B.</param>
    /// <param name="alongDepth">Whether A runs along the depth.</param>
    /// <param name="rowBits">Rows of the tile, as a shift.</param>
    /// <param name="columnBits">Columns of the tile, as a shift.</param>
    Tile8x8 Multiply(Tile8x8 sum, ArrayView<float> shared, int address, int left, int right, bool alongDepth, int rowBits, int columnBits);

    /// <summary>Writes the thread's part of C to dynamic shared memory.</summary>
    void Store(Tile8x8 sum, ArrayView<float> shared, int address, bool alongDepth, int rowBits, int columnBits);
}
