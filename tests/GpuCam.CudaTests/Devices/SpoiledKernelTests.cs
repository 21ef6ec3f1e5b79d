using System.Text.RegularExpressions;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>
/// Whether the machine would find it if a kernel lacked a barrier or a wait: each is taken out in turn. A line that nobody misses is one
/// that the kernel does not need, or that no check sees.
/// </summary>
public sealed partial class SpoiledKernelTests
{
    [Theory]
    [InlineData("conv forward", "Conv2DForwardProduct_Tile64x32_FloatMultiplier", Precision.Float32)]
    [InlineData("conv forward", "Conv2DForwardProduct_Tile128x64_TF32Multiplier", Precision.TF32)]
    [InlineData("conv backward weight", "Conv2DBackwardWeightProduct_Tile128x32_BFloat16Multiplier", Precision.BFloat16)]
    [InlineData("conv forward, ReLU, max-pool", "Conv2DMaxPoolProduct_Tile128x64_TF32Multiplier", Precision.TF32)]
    public void Each_barrier_and_each_wait_of_a_product_is_missed(string op, string arguments, Precision precision)
    {
        string entry = $"Kernel_AsyncProductKernel_{arguments}(";
        TileSize tile = TileSize.For(ProductUnit.TF32).Single(one => arguments.Contains($"Tile{one}_", StringComparison.Ordinal));
        LaunchTable table = PtxDevice.Limits.WithAll(new LaunchRow(Tile: tile));
        int lines = 0;
        MachineResults.Check("whole", [Case(op, precision)], () => Open(text =>
        {
            lines = IsMeant(text) ? Order().Count(text) : lines;
            return text;
        }));
        Assert.InRange(lines, 4, 40);
        for (int line = 0; line < lines; line++)
        {
            int taken = line, count = 0;
            PtxDevice Spoiled() => Open(text =>
            {
                count = 0;
                return IsMeant(text) ? Order().Replace(text, match => count++ == taken ? "" : match.Value) : text;
            });
            SelfTestResult result = OpSelfTest.Run(Spoiled, "spoiled", [Case(op, precision)]).Single();
            Assert.True(result.Failure is not null && Found().IsMatch(result.Failure), $"nobody misses {taken} of {lines}: {result}");
        }

        PtxDevice Open(Func<string, string> spoil) => new(table, precision, spoil: spoil);
        bool IsMeant(string text) => text.Contains(entry, StringComparison.Ordinal);
    }

    /// <summary>What it adds up is deep enough for all slabs to be in use.</summary>
    private static OpCase Case(string op, Precision precision)
    {
        var geometry = Conv2DGeometry.Create(new Shape(2, 8, 7, 8), 3, 12, stride: 1, padding: 1);
        return RoundedProducts.Cases(precision, WindowOpCases.Convolution(geometry))
            .First(one => one.Op == op && (precision == Precision.Float32 || one.Shape.EndsWith("short", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"bar\.sync\s+0;|cp\.async\.wait_group\s+\d+;")]
    private static partial Regex Order();

    [GeneratedRegex("race|has not waited for|never written")]
    private static partial Regex Found();
}
