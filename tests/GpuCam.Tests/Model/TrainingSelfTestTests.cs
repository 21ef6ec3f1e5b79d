using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;
using GpuCam.Model.SelfTests;
using GpuCam.Tests.Kernels.SelfTests;

namespace GpuCam.Tests.Model;

public class TrainingSelfTestTests
{
    [Fact]
    public void Vectorised_training_agrees_with_the_plain_kernels()
    {
        IReadOnlyList<SelfTestResult> results = TrainingSelfTest.Run(() => new HostDevice(Backend.Simd, 2));
        Assert.Equal(["training losses", "trained weights", "maps of the trained network"], results.Select(result => result.Name));
        Assert.All(results, result => Assert.True(result.Passed, $"{result}"));
        Assert.Contains(results, result => result.Error > 0);      // something was compared
    }

    [Fact]
    public void One_wrong_loss_fails()
    {
        int reads = 0;     // of a step's four losses
        IReadOnlyList<SelfTestResult> results =
            TrainingSelfTest.Run(() => new TamperedDevice(values => values[0] += values.Length == 4 && reads++ == 5 ? 0.01f : 0));
        Assert.Contains(results, result => !result.Passed);
    }

    [Theory]
    [InlineData(Precision.Float32, 1e-4)]
    [InlineData(Precision.TF32, 1e-2)]
    [InlineData(Precision.BFloat16, 3e-2)]
    public void A_device_that_rounds_may_differ_more_but_not_by_what_a_fault_does(Precision precision, double tolerance)
    {
        int reads = 0;
        SelfTestResult losses = TrainingSelfTest.Run(() => new TamperedDevice(
            values => values[0] += values.Length == 4 && reads++ == 5 ? 0.5f : 0, precision: precision))[0];
        Assert.Equal(("training losses", tolerance), (losses.Name, losses.Tolerance));
        Assert.False(losses.Passed, $"{losses}");
        Assert.True(TrainingSelfTest.Run(() => new TamperedDevice(precision: precision))[0].Passed);
    }

    [Fact]
    public void A_NaN_fails_and_says_so()
    {
        SelfTestResult result = Assert.Single(TrainingSelfTest.Run(() => new TamperedDevice(values => values[0] = float.NaN)));
        Assert.False(result.Passed);
        Assert.Contains("loss", result.Failure, StringComparison.Ordinal);
    }
}
