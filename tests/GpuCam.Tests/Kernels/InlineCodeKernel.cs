using GpuCam.Kernels;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// A kernel with instructions of its own, for the tensor cores of sm_80: what the tests of PTX and the assembler must take too. There
/// is no other form of it.
/// </summary>
public readonly struct InlineCodeKernel(ArrayView<float> y) : IGroupKernel
{
    private readonly ArrayView<float> _y = y;

    /// <inheritdoc/>
    public void Execute()
    {
        if (!CudaAsm.IsSupported)
        {
            return;
        }

        Output<float> d0 = default, d1 = default, d2 = default, d3 = default;
        Input<int> a = Group.IdxX, b = Group.IdxX + 1;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %4, %4, %4}, {%5, %5}, {%0, %1, %2, %3};",
            ref d0, ref d1, ref d2, ref d3, ref a, ref b);
        int i = 4 * Group.IdxX;
        _y[i] = d0.Value;
        _y[i + 1] = d1.Value;
        _y[i + 2] = d2.Value;
        _y[i + 3] = d3.Value;
    }
}
