using System.Collections.Concurrent;
using System.Reflection;
using GpuCam.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

/// <summary>The CUDA code of every kernel, compiled without a GPU and once per architecture.</summary>
internal static class PtxKernels
{
    private static readonly ConcurrentDictionary<(Type Kernel, string Architecture), string> s_compiled = [];

    /// <summary>Every kernel struct of the kernels and of the tests; generic ones with every struct that fits.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes().Concat(typeof(PtxKernels).Assembly.GetTypes())
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
            .SelectMany(Closed),
    ];

    /// <summary>The PTX for <c>sm_80</c> or <c>sm_90</c>.</summary>
    public static string Compile(Type kernel, string architecture) => s_compiled.GetOrAdd((kernel, architecture), _ =>
    {
        // A kernel that fails to compile spoils its context, so each gets its own.
        using var context =
            Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2).Math(MathMode.Fast32BitOnly));
        (CudaArchitecture target, CudaInstructionSet instructions) = architecture == "sm_80"
            ? (CudaArchitecture.SM_80, CudaInstructionSet.ISA_70)
            : (CudaArchitecture.SM_90, CudaInstructionSet.ISA_78);
        using var backend = new PTXBackend(context, target, instructions, null!);
        bool grouped = kernel.IsAssignableTo(typeof(IGroupKernel));
        MethodInfo method = typeof(KernelEntry)
            .GetMethod(grouped ? nameof(KernelEntry.RunGroup) : nameof(KernelEntry.Run))!.MakeGenericMethod(kernel);
        EntryPointDescription entry = grouped
            ? EntryPointDescription.FromExplicitlyGroupedKernel(method)
            : EntryPointDescription.FromImplicitlyGroupedKernel(method);
        return ((PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty)).PTXAssembly;
    });

    /// <summary>A name to print: <c>TiledProductKernel of Conv2DForwardProduct, Tile128x64</c>.</summary>
    public static string NameOf(Type kernel) => kernel.IsGenericType
        ? $"{kernel.Name.Split('`')[0]} of {string.Join(", ", kernel.GetGenericArguments().Select(argument => argument.Name))}"
        : kernel.Name;

    /// <summary>A generic kernel takes structs of this assembly as arguments: all combinations that fit its constraints.</summary>
    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition)
        {
            return [kernel];
        }

        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in kernel.GetGenericArguments())
        {
            Type[] constraints = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType))];
            Type[] fitting = [.. typeof(IKernel).Assembly.GetTypes().Where(type =>
                type is { IsValueType: true, IsGenericTypeDefinition: false }
                    && constraints.All(constraint => type.IsAssignableTo(constraint)))];
            Assert.NotEmpty(fitting);
            combinations = [.. combinations.SelectMany(chosen => fitting.Select(type => (Type[])[.. chosen, type]))];
        }

        return combinations.Select(kernel.MakeGenericType);
    }
}
