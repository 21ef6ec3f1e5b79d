using System.Collections.Concurrent;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// NVIDIA's assembler on every kernel, without a GPU: what it refuses, no card can run. The registers it takes, on which launches and
/// <c>docs/gpu.md</c> build, are in Golden/ptxas.txt. A change there is a decision: set GPUCAM_UPDATE_GOLDEN=1 to write the file anew,
/// and say why in the commit.
/// </summary>
public sealed class PtxasTests
{
    private static readonly ConcurrentDictionary<(string Kernel, string Architecture), Assembled> s_assembled = [];

    private static readonly string s_path = Path.Combine(Golden.Folder(), "ptxas.txt");

    private static readonly string s_header = $"{$"kernel, by ptxas {Ptxas.GoldenVersion}",-84} " +
        $"{string.Join(' ', Ptxas.Architectures.Select(architecture => $"{architecture,6}"))} {"shared",7} {"spilled",8}";

    [PtxasTheory]
    [MemberData(nameof(PtxKernels.Names), MemberType = typeof(PtxKernels))]
    public void The_assembler_takes_every_kernel_and_spills_nothing(string kernel)
    {
        bool mayHaveStack = PtxKernels.HasInlineCode(PtxKernels.Compile(kernel));
        foreach (string architecture in Ptxas.Architectures)
        {
            Assembled result = Assemble(kernel, architecture);
            Assert.True(
                result.SpillBytes == 0 && (result.StackBytes == 0 || mayHaveStack),
                $"{architecture}: {result.SpillBytes} bytes of spills, a stack of {result.StackBytes} bytes");
        }
    }

    [GoldenPtxasFact]
    public void The_kernels_take_the_registers_that_they_took()
    {
        string[] lines = [s_header, .. PtxKernels.Shipped.Select(KernelEntry.NameOf).Order(StringComparer.Ordinal).Select(Figures)];
        if (Environment.GetEnvironmentVariable("GPUCAM_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(s_path, lines);
        }

        Assert.Equal(File.ReadAllLines(s_path), lines);
    }

    /// <summary>The tile of the reference network's second convolution: one wave of groups, and none that waits for a second.</summary>
    [Theory]
    [InlineData(nameof(ProductUnit.Portable), "TiledProductKernel_Conv2DBackwardWeightProduct_Tile128x64 ")]
    [InlineData(nameof(ProductUnit.Float32), "AsyncProductKernel_Conv2DBackwardWeightProduct_Tile128x64_FloatMultiplier ")]
    [InlineData(nameof(ProductUnit.TF32), "AsyncProductKernel_Conv2DBackwardWeightProduct_Tile128x64_TF32Multiplier ")]
    [InlineData(nameof(ProductUnit.BFloat16), "AsyncProductKernel_Conv2DBackwardWeightProduct_Tile128x64_BFloat16Multiplier ")]
    public void Groups_of_a_split_sum_are_planned_from_the_registers_that_the_assembler_takes(string unit, string kernel)
    {
        string[] fields = File.ReadAllLines(s_path).Single(line => line.StartsWith(kernel, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int registers = fields[1..(1 + Ptxas.Architectures.Length)].Max(field => int.Parse(field, CultureInfo.InvariantCulture));
        int allotted = (registers + 7) / 8 * 8;         // a thread has a multiple of eight
        int planned = LaunchTable.GroupsPerMultiprocessor(TileSize.Wide, Enum.Parse<ProductUnit>(unit));
        Assert.Equal(65536 / (allotted * TileSize.Wide.Fragments), planned);
    }

    private static Assembled Assemble(string kernel, string architecture) =>
        s_assembled.GetOrAdd((kernel, architecture), _ => Ptxas.Assemble(PtxKernels.Compile(kernel), architecture));

    private static string Figures(string kernel)
    {
        Assembled[] results = [.. Ptxas.Architectures.Select(architecture => Assemble(kernel, architecture))];
        string registers = string.Join(' ', results.Select(result => $"{result.Registers,6}"));
        return $"{kernel,-84} {registers} {results.Max(result => result.SharedBytes),7} {results.Sum(result => result.SpillBytes),8}";
    }
}
