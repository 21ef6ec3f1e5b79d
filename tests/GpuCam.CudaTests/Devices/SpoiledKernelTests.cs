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
        // What it adds up is deep enough for all slabs to be in use.
        var geometry = Conv2DGeometry.Create(new Shape(2, 8, 7, 8), 3, 12, stride: 1, padding: 1);
        OpCase one = RoundedProducts.Cases(precision, WindowOpCases.Convolution(geometry))
            .First(one => one.Op == op && (precision == Precision.Float32 || one.Shape.EndsWith("short", StringComparison.Ordinal)));
        TileSize tile = TileSize.For(ProductUnit.TF32).Single(one => arguments.Contains($"Tile{one}_", StringComparison.Ordinal));
        LaunchTable table = PtxDevice.Limits.WithAll(new LaunchRow(Tile: tile));
        Assert.InRange(EachIsMissed($"AsyncProductKernel_{arguments}", one, table, precision), 4, 40);
    }

    /// <summary>One multiprocessor, so that a group has several tiles.</summary>
    [Theory]
    [InlineData("conv forward, ReLU, max-pool", "GreyConvMaxPoolKernel", 5, 2)]
    [InlineData("conv, ReLU, max-pool backward weight", "PooledConvGradientKernel", 5, 3)]
    [InlineData("conv forward", "TiledProductKernel_Conv2DForwardProduct_Tile64x32", 3, 2)]
    public void Each_barrier_of_a_convolution_is_missed(string op, string kernel, int extent, int barriers)
    {
        var geometry = Conv2DGeometry.Same(new Shape(3, 50, 50, 1), extent, 8);
        OpCase one = WindowOpCases.Convolution(geometry).First(one => one.Op == op);
        LaunchTable table = PtxDevice.Limits with { Multiprocessors = 1, Forward = new LaunchRow(Tile: TileSize.Small) };
        Assert.Equal(barriers, EachIsMissed(kernel, one, table, Precision.Float32));
    }

    /// <summary>Fails if one is not; returns how many there are.</summary>
    private static int EachIsMissed(string kernel, OpCase one, LaunchTable table, Precision precision)
    {
        int lines = 0;
        MachineResults.Check("whole", [one], () => Open(text =>
        {
            lines = IsMeant(text) ? Order().Count(text) : lines;
            return text;
        }));
        for (int line = 0; line < lines; line++)
        {
            int taken = line, count = 0;
            PtxDevice Spoiled() => Open(text =>
            {
                count = 0;
                return IsMeant(text) ? Order().Replace(text, match => count++ == taken ? "" : match.Value) : text;
            });
            SelfTestResult result = OpSelfTest.Run(Spoiled, "spoiled", [one]).Single();
            Assert.True(result.Failure is not null && Found().IsMatch(result.Failure), $"nobody misses {taken} of {lines}: {result}");
        }

        return lines;

        PtxDevice Open(Func<string, string> spoil) => new(table, precision, spoil: spoil);
        bool IsMeant(string text) => text.Contains($"Kernel_{kernel}(", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"bar\.sync\s+0;|cp\.async\.wait_group\s+\d+;")]
    private static partial Regex Order();

    [GeneratedRegex("race|has not waited for|never written")]
    private static partial Regex Found();
}
