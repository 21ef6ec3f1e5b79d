using System.Reflection;
using System.Text.RegularExpressions;
using GpuCam.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// Checks the CUDA code of every kernel without a GPU: each kernel struct, and the group kernels of the tests, is compiled to
/// PTX. <c>.local</c> memory means that a thread's variables left the registers, <c>.extern .func</c> that a function has no
/// GPU version, a load or store without an address space that the compiler lost track of a view and pays for it.
/// </summary>
public sealed partial class PtxTests
{
    public static TheoryData<string, string> Kernels
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Type kernel in KernelTypes())
            {
                data.Add(kernel.ToString(), "sm_80");
                data.Add(kernel.ToString(), "sm_90");
            }

            return data;
        }
    }

    [Fact]
    public void Kernels_are_found() => Assert.NotEmpty(KernelTypes());

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_stays_in_registers_and_calls_nothing_unknown(string kernel, string architecture)
    {
        string ptx = Compile(KernelTypes().Single(type => type.ToString() == kernel), architecture);
        Assert.Contains(".entry", ptx, StringComparison.Ordinal);
        Assert.DoesNotMatch(LocalMemory(), ptx);
        Assert.DoesNotMatch(ExternFunction(), ptx);
        Assert.DoesNotMatch(GenericAccess(), ptx);
    }

    [GeneratedRegex(@"^.*\.local\b.*$", RegexOptions.Multiline)]
    private static partial Regex LocalMemory();

    [GeneratedRegex(@"^.*\.extern\s+\.func\b.*$", RegexOptions.Multiline)]
    private static partial Regex ExternFunction();

    [GeneratedRegex(@"^.*\b(ld|st)\.(v[24]\.)?[bfsu]\d+\b.*$", RegexOptions.Multiline)]
    private static partial Regex GenericAccess();

    private static string Compile(Type kernel, string architecture)
    {
        // A kernel that fails to compile spoils its context, so each gets its own.
        using var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2).Math(MathMode.Fast32BitOnly));
        (CudaArchitecture target, CudaInstructionSet instructions) = architecture == "sm_80"
            ? (CudaArchitecture.SM_80, CudaInstructionSet.ISA_70)
            : (CudaArchitecture.SM_90, CudaInstructionSet.ISA_78);
        using var backend = new PTXBackend(context, target, instructions, null!);
        bool grouped = kernel.IsAssignableTo(typeof(IGroupKernel));
        MethodInfo method = typeof(KernelEntry).GetMethod(grouped ? nameof(KernelEntry.RunGroup) : nameof(KernelEntry.Run))!.MakeGenericMethod(kernel);
        EntryPointDescription entry = grouped
            ? EntryPointDescription.FromExplicitlyGroupedKernel(method)
            : EntryPointDescription.FromImplicitlyGroupedKernel(method);
        return ((PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty)).PTXAssembly;
    }

    private static IEnumerable<Type> KernelTypes() => typeof(IKernel).Assembly.GetTypes().Concat(typeof(PtxTests).Assembly.GetTypes())
        .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
        .SelectMany(Closed);

    /// <summary>A generic kernel takes structs of this assembly as arguments: every one that fits its constraints.</summary>
    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition)
            return [kernel];
        Type parameter = Assert.Single(kernel.GetGenericArguments());
        Type[] constraints = parameter.GetGenericParameterConstraints();
        return typeof(IKernel).Assembly.GetTypes()
            .Where(type => type is { IsValueType: true, IsGenericTypeDefinition: false } && constraints.All(constraint => type.IsAssignableTo(constraint)))
            .Select(type => kernel.MakeGenericType(type))
            .ToArray() is { Length: > 0 } closed ? closed : throw new InvalidOperationException($"no struct fits {kernel}");
    }
}
