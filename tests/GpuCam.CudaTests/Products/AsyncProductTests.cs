using GpuCam.CudaTests.Devices;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Products;

/// <summary>
/// Convolutions whose slabs are copied past the registers, in every tile and precision: depths that end within a slab, slabs
/// of one tap and of several, more depths than places that are known at a time, strides, dilation, rows and columns beyond the last.
/// </summary>
public sealed class AsyncProductTests
{
    private static readonly Conv2DGeometry[] s_geometries =
    [
        Conv2DGeometry.Same(new Shape(1, 10, 13, 32), 5, 64),
        Conv2DGeometry.Same(new Shape(1, 6, 7, 48), 5, 20),
        Conv2DGeometry.Create(new Shape(2, 13, 12, 4), 3, 8, stride: 1, padding: 1),
        Conv2DGeometry.Create(new Shape(2, 8, 7, 12), 3, 20, stride: 2, padding: 1),
        new(new Shape(1, 9, 11, 8), 3, 2, 68, 1, 2, 2, 1, 1, 2, 2, 3),
    ];

    public static TheoryData<string, Precision> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, Precision>();
            foreach (TileSize tile in TileSize.For(ProductUnit.Float32))
            {
                foreach (Precision precision in Enum.GetValues<Precision>())
                {
                    kinds.Add($"{tile}", precision);
                }
            }

            return kinds;
        }
    }

    private static IEnumerable<OpCase> Products => s_geometries.SelectMany(WindowOpCases.Convolution)
        .Where(one => one.IsProduct && !IsPooled(one));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Products_in_slabs_are_right_on_the_machine(string tile, Precision precision)
    {
        TileSize size = TileSize.For(ProductUnit.Float32).Single(one => one.ToString() == tile);
        LaunchTable table = PtxDevice.Limits.WithAll(new LaunchRow(Tile: size));
        string[] failed =
        [
            .. OpSelfTest.Run(
                    () => new PtxDevice(table, precision), tile,
                    RoundedProducts.Cases(precision, Products))
                .Where(result => !result.Passed).Select(result => $"{result.Name} {result.Shape}: {result.Error} {result.Failure}"),
        ];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
    }

    /// <summary>Its last run of taps is a short one, and reads as many floats as any.</summary>
    [Fact]
    public void A_first_convolution_reads_nothing_that_was_never_written() =>
        MachineResults.Check(
            "default", s_geometries.SelectMany(WindowOpCases.Convolution).Where(IsPooled), () => new PtxDevice(PtxDevice.Limits));

    private static bool IsPooled(OpCase one) => one.Op.EndsWith("max-pool backward weight", StringComparison.Ordinal);
}
