using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

public sealed class OpsOnMachineTests
{
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.TF32)]
    [InlineData(Precision.BFloat16)]
    public void Every_op_is_right_on_the_machine(Precision precision)
    {
        string[] failed =
        [
            .. OpSelfTest.Run(() => new PtxDevice(PtxDevice.Limits, precision), "machine", RoundedProducts.Cases(precision, OpCases.Small))
                .Where(result => !result.Passed).Select(result => $"{result.Name} {result.Shape}: {result.Error} {result.Failure}"),
        ];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
    }
}
