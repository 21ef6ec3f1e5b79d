using System.Text.RegularExpressions;

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
            foreach (Type kernel in PtxKernels.All)
            {
                data.Add(kernel.ToString(), "sm_80");
                data.Add(kernel.ToString(), "sm_90");
            }

            return data;
        }
    }

    [Fact]
    public void Kernels_are_found() => Assert.NotEmpty(PtxKernels.All);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_stays_in_registers_and_calls_nothing_unknown(string kernel, string architecture)
    {
        string ptx = PtxKernels.Compile(PtxKernels.All.Single(type => type.ToString() == kernel), architecture);
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
}
