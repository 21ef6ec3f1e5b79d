using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;
using GpuCam.Model.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>Twenty training steps and the maps of the trained network: all launches of a run, in their order.</summary>
public sealed class TrainingOnMachineTests
{
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.TF32)]
    [InlineData(Precision.BFloat16)]
    public void Training_on_the_machine_is_training_on_the_host(Precision precision)
    {
        IReadOnlyList<SelfTestResult> results = TrainingSelfTest.Run(() => new PtxDevice(PtxDevice.Limits, precision));
        Assert.All(results, result => Assert.True(result.Passed, $"{result}"));
        Assert.NotEmpty(results);
    }
}
