using GpuCam.Kernels;
using ILGPU;

namespace GpuCam.CudaTests.Driver;

/// <summary>Batches and gradients that travel beside the launches: what is copied on which stream, and what waits for what.</summary>
public sealed class UploadTests : DriverTest
{
    private const int Length = 100;

    /// <summary>The streams of this driver are as late as they may be: a batch that was overwritten too early would be seen.</summary>
    [DriverFact]
    public void A_batch_is_copied_beside_the_launches_and_no_sooner_than_its_memory_is_free()
    {
        using IDevice device = Open();
        using UploadBuffer<int> upload = device.CreateUpload<int>(Length);
        DeviceBuffer<int>[] outputs = [.. Enumerable.Range(0, 5).Select(_ => device.Allocate<int>(Length))];
        using DriverLog log = CudaDriver.Listen();
        for (int i = 0; i < outputs.Length; i++)
        {
            upload.Staging.Fill(i);
            device.Launch(Length, new CopyKernel(upload.Send(Length).View, outputs[i].View));
        }

        DriverCall[] copies = [.. log.Calls.Where(call => call.Name == "cuMemcpyAsync")];
        Assert.Equal(outputs.Length, copies.Length);
        Assert.All(copies, copy => Assert.Equal(("HtoD", Length * sizeof(int)), (copy.Detail, (int)copy.Bytes)));
        Assert.NotEqual(0, Assert.Single(copies.Select(copy => copy.Stream).Distinct()));
        Assert.DoesNotContain(log.Calls, WaitsForLaunches);
        Assert.Equal(outputs.Length - 2, log.Count("cuEventSynchronize"));      // the first two find their buffers free
        for (int i = 0; i < outputs.Length; i++)
        {
            Assert.All(outputs[i].ToArray(), value => Assert.Equal(i, value));
            outputs[i].Dispose();
        }
    }

    [DriverFact]
    public void Gradients_come_and_go_beside_the_launches()
    {
        using IDevice device = Open();
        using var gradient = new Tensor(device, "gradient", Shape.Vector(Length));
        using StagingBuffer staging = device.CreateStaging(Length);
        gradient.CopyFrom([.. Enumerable.Repeat(3f, Length)]);
        using DeviceBuffer<int> other = device.Allocate<int>(Length);
        other.Clear();
        using DriverLog log = CudaDriver.Listen();
        device.Launch(Length, new ScaleKernel(gradient.View, 2));
        staging.Mark(0);
        device.Launch(Length, new CopyKernel(other.View, other.View));
        staging.Await(0);
        staging.Download(gradient, 0);
        Assert.All(Floats(staging), value => Assert.Equal(6, value));
        staging.Upload(0, gradient);
        staging.Finish();
        Assert.Equal(["DtoH", "HtoD"], log.Calls.Where(call => call.Name == "cuMemcpyAsync").Select(call => call.Detail));
        Assert.DoesNotContain(log.Calls, WaitsForLaunches);
        Assert.All(gradient.ToArray(), value => Assert.Equal(6, value));
    }

    private static bool WaitsForLaunches(DriverCall call) =>
        call.Name == "cuCtxSynchronize" || (call.Name == "cuStreamSynchronize" && call.Stream == 0);

    private static unsafe float[] Floats(StagingBuffer staging) => new Span<float>((void*)staging.Address, staging.Length).ToArray();
}

/// <summary>Public, or ILGPU cannot run it.</summary>
public readonly struct CopyKernel(ArrayView<int> x, ArrayView<int> y) : IKernel
{
    public void Execute(int index) => y[index] = x[index];
}

/// <inheritdoc cref="CopyKernel"/>
public readonly struct ScaleKernel(ArrayView<float> x, float factor) : IKernel
{
    public void Execute(int index) => x[index] *= factor;
}
