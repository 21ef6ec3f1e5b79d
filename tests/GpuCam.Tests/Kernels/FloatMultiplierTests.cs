using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Tests.Kernels.Groups;
using ILGPU;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// What multiplies slabs that CUDA copies, without CUDA: the slabs are filled by plain stores. (Tensor cores have no other form than
/// CUDA's, and are tested by <c>gpucam selftest</c> on a card.)
/// </summary>
public class FloatMultiplierTests
{
    public static TheoryData<int, int, bool> Tiles => new()
    {
        { 7, 6, true }, { 7, 6, false }, { 7, 5, true }, { 7, 5, false }, { 6, 5, true }, { 6, 5, false },
    };

    [Theory]
    [MemberData(nameof(Tiles))]
    public void Two_slabs_multiply_into_a_tile(int rowBits, int columnBits, bool alongDepth)
    {
        int rows = 1 << rowBits, columns = 1 << columnBits;
        using var op = new OpHarness(TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(GroupHostDevice.LargestGroup)));
        float[] a = OpHarness.Random(rows * AsyncSlab.Depth, 1), b = OpHarness.Random(AsyncSlab.Depth * columns, 2);
        Tensor c = op.Output("c", Shape.Matrix(rows, columns));
        op.Device.LaunchGroups(1, rows * columns / 64, new SlabKernel(
            op.Input("a", Shape.Matrix(rows, AsyncSlab.Depth), a).View, op.Input("b", Shape.Matrix(AsyncSlab.Depth, columns), b).View,
            c.View, rowBits, columnBits, alongDepth ? 1 : 0));
        double[] expected = [.. Enumerable.Range(0, rows * columns).Select(at => Enumerable.Range(0, AsyncSlab.Depth)
            .Sum(k => (double)a[(at / columns * AsyncSlab.Depth) + k] * b[(k * columns) + (at % columns)]))];
        OpHarness.Close(expected, c.ToArray(), 1e-6);
    }
}

/// <summary>One group: a slab of A and one of B as <see cref="AsyncSlab"/> lays them out, and the tile of C that they make.</summary>
public readonly struct SlabKernel(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, int rowBits, int columnBits, int alongDepth)
    : IGroupKernel
{
    private const int Rows = 128;

    public void Execute()
    {
        ArrayView<float> memory = SharedMemory.Allocate<float>(11136);
        int rows = 1 << rowBits, columns = 1 << columnBits, right = AsyncSlab.LeftBytes(Rows) / sizeof(float);
        for (int i = Group.IdxX; i < rows * AsyncSlab.Depth; i += Group.DimX)
        {
            int row = i / AsyncSlab.Depth, k = i % AsyncSlab.Depth;
            memory[alongDepth != 0 ? AsyncSlab.LeftRow(row) + k : (k * AsyncSlab.LeftDepthPitch) + row] = a[i];
        }

        for (int i = Group.IdxX; i < AsyncSlab.Depth * columns; i += Group.DimX)
        {
            memory[right + AsyncSlab.Right(i / columns, i % columns)] = b[i];
        }

        Group.Barrier();
        FloatMultiplier multiplier = default;
        var tile = new GroupTile(memory, 0, alongDepth != 0, rowBits, columnBits);
        Tile8x8 sum = multiplier.Multiply(
            default, tile, multiplier.LeftStart(tile), (right * sizeof(float)) + multiplier.RightStart(tile));
        Group.Barrier();
        multiplier.Store(sum, tile);
        Group.Barrier();
        for (int i = Group.IdxX; i < rows * columns; i += Group.DimX)
        {
            c[i] = memory[(i / columns * AsyncSlab.ResultPitch) + (i % columns)];
        }
    }
}
