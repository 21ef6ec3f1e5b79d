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
        Assert.DoesNotMatch(GenericAccess(), ptx);
        if (PtxKernels.HasInlineCode(ptx))
        {
            Assert.InRange(LocalLoad().Count(ptx), 0, LocalStore().Count(ptx));     // an operand that is read again is read from memory
        }
        else
        {
            Assert.DoesNotMatch(LocalMemory(), ptx);
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

    [Theory]
    [MemberData(nameof(PtxKernels.Names), MemberType = typeof(PtxKernels))]
    public void No_branch_is_called_uniform_and_no_float_is_the_bit_of_a_comparison(string kernel)
    {
        string ptx = PtxKernels.Compile(kernel);
        Assert.DoesNotContain(".uni", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain("0f00000001", ptx, StringComparison.Ordinal);     // what ILGPU makes of (a > b ? 1 : 0) as a float
    }

    [GeneratedRegex(@"\bld\.local\b")]
    private static partial Regex LocalLoad();

    [GeneratedRegex(@"\bst\.local\b")]
    private static partial Regex LocalStore();

    [GeneratedRegex(@"^.*\.local\b.*$", RegexOptions.Multiline)]
    private static partial Regex LocalMemory();

    [GeneratedRegex(@"^.*\.extern\s+\.func\b.*$", RegexOptions.Multiline)]
    private static partial Regex ExternFunction();

    [GeneratedRegex(@"^.*\b(ld|st)\.(v[24]\.)?[bfsu]\d+\b.*$", RegexOptions.Multiline)]
    private static partial Regex GenericAccess();
}
