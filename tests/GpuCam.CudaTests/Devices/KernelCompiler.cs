using System.Collections.Concurrent;
using System.Reflection;
using GpuCam.CudaTests.Machine;
using GpuCam.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuCam.CudaTests.Devices;

/// <summary>Kernels as the machine executes them, compiled once: the PTX that an H100's driver gets, but for the version.</summary>
internal static class KernelCompiler
{
    private static readonly ConcurrentDictionary<Type, Lazy<string>> s_texts = [];
    private static readonly ConcurrentDictionary<(Type Kernel, bool Fuse), Lazy<PtxKernel>> s_kernels = [];

    /// <summary>What the machine executes for a kernel struct.</summary>
    public static PtxKernel Of(Type kernel, bool fuse) =>
        s_kernels.GetOrAdd((kernel, fuse), _ => new Lazy<PtxKernel>(() => Read(TextOf(kernel), fuse))).Value;

    /// <summary>The only kernel of a text.</summary>
    public static PtxKernel Read(string text, bool fuse) => PtxModule.Parse(text, fuse).Kernels.Values.Single();

    /// <summary>What ILGPU makes of a kernel struct.</summary>
    public static string TextOf(Type kernel) => s_texts.GetOrAdd(kernel, _ => new Lazy<string>(() => Compile(kernel))).Value;

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
