using System.Text.RegularExpressions;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>
/// Whether the machine would find it if a kernel lacked a barrier, a wait or a guard: each is taken out in turn. A line that nobody misses
/// is one that the kernel does not need, or that no check sees.
/// </summary>
public sealed partial class SpoiledKernelTests
{
    /// <summary>Kernels with barriers or copies beside the computation, and an op that launches each.</summary>
    public static TheoryData<string, string, string, Precision> Kernels => new()
    {
        { "AsyncProductKernel_Conv2DForwardProduct_Tile64x32_FloatMultiplier", "conv forward", "64x32", Precision.Float32 },
        { "AsyncProductKernel_Conv2DForwardProduct_Tile128x64_TF32Multiplier", "conv forward", "128x64", Precision.TF32 },
        { "AsyncProductKernel_Conv2DBackwardWeightProduct_Tile128x32_BFloat16Multiplier", "conv backward weight", "128x32", Precision.BFloat16 },
        { "AsyncProductKernel_Conv2DMaxPoolProduct_Tile128x64_TF32Multiplier", "conv forward, ReLU, max-pool", "128x64", Precision.TF32 },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Each_barrier_and_each_wait_is_missed(string kernel, string op, string tile, Precision precision)
    {
        int lines = 0;
        OpSelfTest.Run(() => Open(text => Count(text, kernel, out lines)), "counted", [Case(op, precision)]).ToList();
        Assert.InRange(lines, 4, 40);
        for (int line = 0; line < lines; line++)
        {
            int taken = line;
            SelfTestResult result = OpSelfTest.Run(() => Open(text => Without(text, kernel, taken)), "spoiled", [Case(op, precision)]).Single();
            Assert.True(result.Failure is not null && Found().IsMatch(result.Failure), $"nobody misses {taken} of {lines}: {result}");
        }

        PtxDevice Open(Func<string, string> spoil) => new(
            PtxDevice.Limits.WithAll(new LaunchRow(Tile: TileSize.All.Append(TileSize.Slim).Single(one => $"{one}" == tile))), precision, spoil: spoil);
    }

    /// <summary>What it adds up is deep enough for all slabs to be in use.</summary>
    private static OpCase Case(string op, Precision precision) => RoundedProducts.Cases(precision, [.. WindowOpCases.Convolution(
        Conv2DGeometry.Create(new Shape(2, 8, 7, 8), 3, 12, stride: 1, padding: 1))])
        .First(one => one.Op == op && (precision == Precision.Float32 || one.Shape.EndsWith("short", StringComparison.Ordinal)));

    private static string Count(string text, string kernel, out int lines)
    {
        lines = text.Contains($"Kernel_{kernel}(", StringComparison.Ordinal) ? Order().Count(text) : 0;
        return text;
    }

    private static string Without(string text, string kernel, int line)
    {
        int count = 0;
        return text.Contains($"Kernel_{kernel}(", StringComparison.Ordinal)
            ? Order().Replace(text, match => count++ == line ? "" : match.Value)
            : text;
    }

    [GeneratedRegex(@"bar\.sync\s+0;|cp\.async\.wait_group\s+\d+;")]
    private static partial Regex Order();

    [GeneratedRegex("race|has not waited for|never written")]
    private static partial Regex Found();
}
