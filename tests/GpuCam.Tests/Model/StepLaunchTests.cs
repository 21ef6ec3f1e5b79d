using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Kernels.SelfTests;

namespace GpuCam.Tests.Model;

/// <summary>What a training step launches where group kernels are the fast ones: each launch costs, so each is here for a reason.</summary>
public class StepLaunchTests
{
    [Fact]
    public void A_training_step_launches_these_kernels_and_no_other()
    {
        var launched = new List<string>();
        using IDevice device = new TamperedDevice(
            launched: kernel => launched.Add(Name(kernel)),
            inner: TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(16, Splits: 3)));
        using (Execution network = TinyProblem.Network(device))
        using (var optimizer = new AdamOptimizer(network.Parameters))
        using (var trainer = new Trainer(network, optimizer))
        {
            (float[] images, int[] labels) = TinyProblem.Batch(0, 40);
            trainer.Step(images, labels, 0.01f);
            launched.Clear();
            trainer.Step(images, labels, 0.01f);
        }

        Assert.Equal(
            [
                // forward
                "Conv2DMaxPoolProduct", "Conv2DMaxPoolProduct", "ColumnSumKernel", "BatchedMatMulKernel",
                "SoftmaxCrossEntropyGroupKernel", "TopOneKernel",

                // classifier: weight, bias in parts, input; the average pool
                "ProductGroupKernel", "ColumnSumKernel", "ColumnSumKernel", "BatchedMatMulKernel", "GlobalAveragePoolBackwardKernel",

                // conv2, which reads few channels: its weight and bias; then its input, whose gradient needs that of what was pooled, in
                // the parts that the launch table asks for
                "PooledConvGradientKernel", "ColumnSumKernel", "ColumnSumKernel", "MaxPool2DBackwardKernel", "TurnedTapsKernel",
                "Conv2DForwardProduct", "SplitSumKernel",

                // conv1: from the pooled gradient to those of its weight and its bias, and the parts of both sums
                "PooledConvGradientKernel", "ColumnSumKernel", "ColumnSumKernel",

                // all parameters at once
                "AdamKernel",
            ],
            launched);
    }

    private static string Name(Type kernel) => kernel.IsGenericType ? kernel.GetGenericArguments()[0].Name : kernel.Name;
}
