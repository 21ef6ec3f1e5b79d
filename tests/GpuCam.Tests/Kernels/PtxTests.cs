using System.Text.RegularExpressions;
using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// Checks the CUDA code of every kernel without a GPU: each kernel struct, and the group kernels of the tests, is compiled to
/// PTX. <c>.local</c> memory means that a thread's variables left the registers, <c>.extern .func</c> that a function has no
/// GPU version, a load or store without an address space that the compiler lost track of a view and pays for it.
/// </summary>
public sealed partial class PtxTests
{
    [Fact]
    public void Kernels_are_found() => Assert.NotEmpty(PtxKernels.All);

    [Fact]
    public void No_two_kernels_have_one_name() =>
        Assert.Equal(PtxKernels.All.Count, PtxKernels.All.Select(KernelEntry.NameOf).Distinct().Count());

    [Theory]
    [MemberData(nameof(PtxKernels.Names), MemberType = typeof(PtxKernels))]
    public void Every_kernel_stays_in_registers_and_calls_nothing_unknown(string kernel)
    {
        string ptx = PtxKernels.Compile(kernel);
        Assert.DoesNotMatch(ExternFunction(), ptx);
        if (!InlineCode().IsMatch(ptx))
        {
            Assert.DoesNotMatch(LocalMemory(), ptx);
            Assert.DoesNotMatch(GenericAccess(), ptx);
        }
    }

    [Theory]
    [MemberData(nameof(PtxKernels.Names), MemberType = typeof(PtxKernels))]
    public void A_profiler_sees_the_kernels_name_and_every_card_gets_the_code_of_sm_80(string kernel)
    {
        string ptx = PtxKernels.Compile(kernel);
        Assert.Contains($".entry Kernel_{kernel}(", ptx, StringComparison.Ordinal);
        Assert.Contains(".target sm_80\n", ptx.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    // What ILGPU never writes by itself. Its operands pass through local memory, and the assembler takes them out again: PtxasTests.
    [GeneratedRegex(@"^\s*(mma|wgmma|ldmatrix|cp\.async)\.", RegexOptions.Multiline)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^.*\.local\b.*$", RegexOptions.Multiline)]
    private static partial Regex LocalMemory();

    [GeneratedRegex(@"^.*\.extern\s+\.func\b.*$", RegexOptions.Multiline)]
    private static partial Regex ExternFunction();

    [GeneratedRegex(@"^.*\b(ld|st)\.(v[24]\.)?[bfsu]\d+\b.*$", RegexOptions.Multiline)]
    private static partial Regex GenericAccess();
}
