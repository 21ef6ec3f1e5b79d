using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Commands;
using ILGPU;
using ILGPU.Runtime;
using IDevice = GpuCam.Kernels.IDevice;

namespace GpuCam.CudaTests.Driver;

/// <summary>What is said when the driver says no, and what is left behind.</summary>
public sealed class FailureTests : DriverTest
{
    [DriverFact]
    public void A_kernel_that_is_refused_is_all_that_is_heard_of_and_nothing_is_left()
    {
        long before = CudaDriver.Memory.Allocated;
        KernelCalls.Refuse = ptx => ptx.Contains("ReluKernel", StringComparison.Ordinal) ? "ptxas fatal : no such thing" : null;
        try
        {
            KernelException error = Assert.Throws<KernelException>(() =>
            {
                using IDevice device = Open();
                using var x = new Tensor(device, "x", Shape.Vector(10));
                Relu.Forward(x, x);
            });
            Assert.Contains("ptxas fatal : no such thing", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            KernelCalls.Refuse = null;
        }

        Assert.Equal(before, CudaDriver.Memory.Allocated);
    }

    [DriverFact]
    public void Memory_that_there_is_not_is_all_that_is_heard_of_and_nothing_is_left()
    {
        long before = CudaDriver.Memory.Allocated;
        using (DriverLog log = CudaDriver.Listen())
        {
            GpuCamException error = Assert.Throws<GpuCamException>(() =>
            {
                using IDevice device = Open();
                using DeviceBuffer<float> small = device.Allocate<float>(10);
                using DeviceBuffer<double> large = device.Allocate<double>(int.MaxValue);
            });
            Assert.Contains("no room for another 16384.0 MiB", error.Message, StringComparison.Ordinal);
            Assert.Equal(log.Count("cuCtxCreate_v2"), log.Count("cuCtxDestroy_v2"));
        }

        Assert.Equal(before, CudaDriver.Memory.Allocated);
    }

    [DriverFact]
    public void An_error_in_a_kernel_is_all_that_is_heard_of()
    {
        AcceleratorException error = Assert.ThrowsAny<AcceleratorException>(() =>
        {
            using IDevice device = Open();
            using UploadBuffer<int> upload = device.CreateUpload<int>(10);
            using StagingBuffer staging = device.CreateStaging(10);
            using DeviceBuffer<float> x = device.Allocate<float>(10);
            device.Launch(1, new StrayKernel(x.View));
            upload.Send(10);
            staging.Mark(0);
            device.Synchronize();
        });
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS", error.Message, StringComparison.Ordinal);
        Assert.Contains("StrayKernel", Assert.Single(CudaDriver.TakeFaults()), StringComparison.Ordinal);
        Failure failure = Failure.Of(error)!;
        Assert.Equal(1, failure.ExitCode);
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS", failure.Message, StringComparison.Ordinal);
    }

    [DriverFact]
    public void A_command_whose_kernel_is_refused_ends_with_one_line()
    {
        KernelCalls.Refuse = _ => "ptxas fatal : no such thing";
        try
        {
            Gpucam.Call(
                "train", "--backend", "cuda", "--digits", "synthetic", "--size", "28", "--canvas", "28:1", "--steps", "1", "--batch", "4",
                "--out", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()))
                .Failed(1, "does not compile for PTX machine", "ptxas fatal : no such thing");
        }
        finally
        {
            KernelCalls.Refuse = null;
        }
    }
}

/// <summary>Writes far behind its memory. Public, or ILGPU cannot run it.</summary>
public readonly struct StrayKernel(ArrayView<float> x) : IKernel
{
    public void Execute(int index) => x[index + 1000] = 1;
}
