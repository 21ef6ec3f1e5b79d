using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;
using GpuCam.Model.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>Twenty training steps and the maps of the trained network: all launches of a run, in their order.</summary>
public sealed class TrainingOnMachineTests
{
    [Theory]
    [InlineData(Precision.Float32, false)]
    [InlineData(Precision.Float32, true)]
    [InlineData(Precision.TF32, true)]
    [InlineData(Precision.BFloat16, true)]
    public void Training_on_the_machine_is_training_on_the_host(Precision precision, bool fuse)
    {
        IReadOnlyList<SelfTestResult> results = TrainingSelfTest.Run(() => new PtxDevice(PtxDevice.Limits, precision, fuse: fuse));
        Assert.All(results, result => Assert.True(result.Passed, $"{result}"));
        Assert.NotEmpty(results);
    }
}
