using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>The kernels that no other simulation can run: copies beside the computation, and the tensor cores' instructions.</summary>
public sealed class ProductsOnMachineTests
{
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.TF32)]
    [InlineData(Precision.BFloat16)]
    public void Every_product_is_right_in_every_tile(Precision precision)
    {
        var launched = new HashSet<Type>();
        OpCase[] cases = [.. RoundedProducts.Cases(precision, OpCases.Small.Where(one => one.IsProduct && one.HasGroupKernel))];
        foreach (TileSize tile in TileSize.For(ProductUnit.TF32))
        {
            LaunchTable table = PtxDevice.Limits.WithAll(new LaunchRow(Tile: tile, Splits: 3));
            MachineResults.Check($"{tile}", cases, () => MachineResults.Recorded(new PtxDevice(table, precision), launched));
        }

        Type[] products = [.. typeof(ITiledProduct).Assembly.GetTypes()
            .Where(type => type.IsValueType && type.IsAssignableTo(typeof(ITiledProduct)))];
        int combinations = launched
            .Count(kernel => kernel.IsGenericType && kernel.GetGenericTypeDefinition() == typeof(AsyncProductKernel<,,>));
        Assert.Equal(products.Length * TileSize.For(ProductUnit.TF32).Count, combinations);
    }

    /// <summary>The depth of conv2 fills the slabs many times over.</summary>
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.TF32)]
    [InlineData(Precision.BFloat16)]
    public void The_networks_second_convolution_is_right(Precision precision)
    {
        IEnumerable<OpCase> cases = OpCases.Network
            .Where(one => one.IsProduct && one.Shape.Contains("32 5x5 to 64", StringComparison.Ordinal));
        MachineResults.Check(
            "network",
            RoundedProducts.Cases(precision, cases)
                .Where(one => precision == Precision.Float32 || one.Shape.EndsWith("short", StringComparison.Ordinal)),
            () => new PtxDevice(PtxDevice.Limits, precision));
    }
}
