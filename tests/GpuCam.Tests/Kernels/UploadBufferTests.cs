using GpuCam.Kernels;
using ILGPU;

namespace GpuCam.Tests.Kernels;

public class UploadBufferTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_batch_reaches_the_launches_made_for_it(string device)
    {
        using var op = new OpHarness(device);
        using UploadBuffer<int> upload = op.Device.CreateUpload<int>(100);
        DeviceBuffer<int>[] outputs = [.. Enumerable.Range(0, 7).Select(i => op.IntegerOutput($"output {i}", 100))];
        for (int i = 0; i < outputs.Length; i++)
        {
            int count = 100 - (13 * i);
            for (int k = 0; k < count; k++)
            {
                upload.Staging[k] = (1000 * i) + k;
            }

            DeviceBuffer<int> batch = upload.Send(count);
            op.Device.Launch(count, new CopyKernel(batch.View, outputs[i].View));
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            int count = 100 - (13 * i);
            Assert.Equal(Enumerable.Range(1000 * i, count), outputs[i].ToArray().Take(count));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Nothing_may_be_sent_and_no_more_than_fits(string device)
    {
        using var op = new OpHarness(device);
        using UploadBuffer<float> upload = op.Device.CreateUpload<float>(5);
        Assert.Equal(5, upload.Staging.Length);
        upload.Send(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => upload.Send(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => upload.Send(-1));
    }
}

/// <summary>Public, or ILGPU cannot run it.</summary>
public readonly struct CopyKernel(ArrayView<int> x, ArrayView<int> y) : IKernel
{
    public void Execute(int index) => y[index] = x[index];
}
