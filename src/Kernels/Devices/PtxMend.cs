using System.Runtime.CompilerServices;
using ILGPU.Backends;
using ILGPU.Backends.PTX;

namespace GpuCam.Kernels;

/// <summary>Takes out of a kernel's CUDA code what ILGPU 1.5.3 should not have put there.</summary>
/// <remarks>
/// At O2 ILGPU calls branches uniform (<c>bra.uni</c>: all threads of a warp go the same way) whose condition differs between threads, as
/// for a comparison of two loaded values. Compilers up to CUDA 12.4 ignored the word. That of CUDA 13.0 believes it, and a branch then goes
/// for all threads where it goes for one: <c>TopOne</c> and the gradients of maxima were wrong on an H200. Without the word the compiler
/// finds out by itself which branches are uniform.
/// </remarks>
internal static class PtxMend
{
    /// <summary>Mends <paramref name="kernel"/> if it is for CUDA, and returns it.</summary>
    public static CompiledKernel Apply(CompiledKernel kernel)
    {
        if (kernel is PTXCompiledKernel code)
        {
            ref string text = ref TextOf(code);
            text = text.Replace("bra.uni", "bra", StringComparison.Ordinal)
                .Replace("brx.idx.uni", "brx.idx", StringComparison.Ordinal)
                .Replace("ret.uni", "ret", StringComparison.Ordinal);
        }

        return kernel;
    }

    /// <summary>The property has no setter.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PTXAssembly>k__BackingField")]
    private static extern ref string TextOf(PTXCompiledKernel kernel);
}
