using GpuCam.Kernels;

namespace GpuCam.CudaTests.Driver;

/// <summary>
/// CUDA's calls work in the context that is current on the thread that makes them, and a new thread has none. Each way to use a device is
/// the first that a thread takes.
/// </summary>
public sealed class ThreadTests : DriverTest
{
    [DriverFact]
    public void A_device_is_used_on_any_thread()
    {
        IDevice device = OnThread(() => Open());
        DeviceBuffer<float> buffer = OnThread(() => device.Allocate<float>(100));
        OnThread(() => buffer.CopyFrom(new float[100]));
        OnThread(() => buffer.Clear());
        OnThread(() => buffer.ToArray());
        OnThread(() => device.Scratch(50));
        OnThread(device.Synchronize);
        OnThread(buffer.Dispose);
        OnThread(device.Dispose);
    }

    [DriverFact]
    public void Batches_are_sent_from_any_thread()
    {
        using IDevice device = OnThread(() => Open());
        UploadBuffer<int> upload = OnThread(() => device.CreateUpload<int>(10));
        OnThread(() => upload.Send(10));
        OnThread(() => upload.Send(10));
        OnThread(() => upload.Send(10));
        OnThread(upload.Dispose);
    }

    [DriverFact]
    public void Gradients_come_and_go_on_any_thread()
    {
        using IDevice device = OnThread(() => Open());
        var tensor = new Tensor(device, "x", Shape.Vector(10));
        StagingBuffer staging = OnThread(() => device.CreateStaging(10));
        OnThread(() => staging.Mark(0));
        OnThread(() => staging.Await(0));
        OnThread(() => staging.Download(tensor, 0));
        OnThread(() => staging.Upload(0, tensor));
        OnThread(staging.Finish);
        OnThread(() => staging.Mark(1));
        OnThread(staging.Dispose);
        OnThread(tensor.Dispose);
    }

    private static void OnThread(Action run) => OnThread(() =>
    {
        run();
        return true;
    });

    private static T OnThread<T>(Func<T> run)
    {
        Exception? thrown = null;
        T result = default!;
        var thread = new Thread(() =>
        {
            try
            {
                result = run();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        });
        thread.Start();
        thread.Join();
        return thrown is null ? result : throw new InvalidOperationException(thrown.Message, thrown);
    }
}
