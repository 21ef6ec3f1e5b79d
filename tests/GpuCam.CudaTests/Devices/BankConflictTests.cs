using System.Text.RegularExpressions;
using GpuCam.CudaTests.Machine.Memory;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>Whether the loads that the inner loops live on meet 32 different banks, as docs/gpu.md says.</summary>
public sealed class BankConflictTests
{
    [Theory]
    [InlineData("conv forward", "Forward", Precision.TF32, @"^ldmatrix|^ld\.shared\.v4\.b32 \{m|^st\.shared\.v4\.b32 |^cp\.async\.ca")]
    [InlineData("conv forward", "Forward", Precision.BFloat16, @"^ldmatrix|^ld\.shared\.v4\.b32 \{m")]
    [InlineData("conv backward weight", "BackwardWeight", Precision.TF32, @"^ld\.shared\.v4\.b32 \{m")]
    [InlineData("conv forward", "Forward", Precision.Float32, @"^ld\.shared\.v4\.f32")]
    [InlineData("conv backward weight", "BackwardWeight", Precision.Float32, @"^ld\.shared\.v4\.f32")]
    public void What_a_product_multiplies_comes_without_conflicts(string op, string product, Precision precision, string loads)
    {
        var geometry = Conv2DGeometry.Create(new Shape(4, 8, 8, 16), 3, 64, stride: 1, padding: 1);
        Check(
            RoundedProducts.Cases(precision, WindowOpCases.Convolution(geometry)).First(one => one.Op == op), precision,
            $"AsyncProductKernel_Conv2D{product}Product", loads);
    }

    [Fact]
    public void The_first_convolutions_gradient_has_none() => Check(
        WindowOpCases.Convolution(Conv2DGeometry.Same(new Shape(2, 12, 12, 1), 5, 32))
            .First(one => one.Op == "conv, ReLU, max-pool backward weight"), Precision.Float32, "PooledConvGradientKernel", @"^ld\.shared");

    private static void Check(OpCase one, Precision precision, string kernel, string loads)
    {
        var counts = new List<AccessCount>();
        PtxDevice Counted()
        {
            var device = new PtxDevice(PtxDevice.Limits.WithAll(new LaunchRow(Tile: TileSize.Wide)), precision);
            device.Launched += (launched, traffic) =>
            {
                if (KernelEntry.NameOf(launched).StartsWith(kernel, StringComparison.Ordinal))
                {
                    counts.AddRange(traffic.Where(count => Regex.IsMatch(count.Text, loads)));
                }
            };
            return device;
        }

        MachineResults.Check("counted", [one], Counted);
        Assert.NotEmpty(counts);
        Assert.All(counts, count => Assert.True(count.Steps == count.LeastSteps, $"{count}"));
    }
}
