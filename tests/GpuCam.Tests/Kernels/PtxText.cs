using System.Collections.Concurrent;
using System.Reflection;
using GpuCam.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// The PTX that an H100 gets of a kernel, compiled without a GPU, but for the version: this one is the oldest that knows it and the cards
/// of its time.
/// </summary>
internal static class PtxText
{
    private static readonly ConcurrentDictionary<Type, Lazy<string>> s_texts = [];

    /// <summary>Of a kernel struct, compiled once.</summary>
    public static string Of(Type kernel) => s_texts.GetOrAdd(kernel, _ => new Lazy<string>(() => Compile(kernel))).Value;

    /// <summary>
    /// In a context of its own: a kernel that fails to compile spoils one, and what ILGPU writes depends on what it compiled before.
    /// </summary>
    private static string Compile(Type kernel)
    {
        using var context =
            Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2).Math(MathMode.Fast32BitOnly));
        using var backend = new PTXBackend(context, CudaArchitecture.SM_90, CudaInstructionSet.ISA_78, null!);
        MethodInfo method = KernelEntry.Of(kernel);
        EntryPointDescription entry = kernel.IsAssignableTo(typeof(IGroupKernel))
            ? EntryPointDescription.FromExplicitlyGroupedKernel(method)
            : EntryPointDescription.FromImplicitlyGroupedKernel(method);
        return ((PTXCompiledKernel)PtxMend.Apply(backend.Compile(entry, KernelSpecialization.Empty))).PTXAssembly;
    }
}
