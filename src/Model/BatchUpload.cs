using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Brings batches to a network's device while it still computes on the batch before.</summary>
internal sealed class BatchUpload(Execution execution) : IDisposable
{
    private UploadBuffer<float>? _images;
    private UploadBuffer<int>? _labels;

    /// <summary>The batch on the device, for launches made before the next call.</summary>
    public (Tensor Images, DeviceBuffer<int> Labels) Send(ReadOnlySpan<float> images, ReadOnlySpan<int> labels)
    {
        Shape shape = BatchInput.ShapeOf(images, labels.Length, execution.Graph.Input.Shape);
        return (new Tensor(Send(ref _images, images), 0, execution.Graph.Input.Name, shape), Send(ref _labels, labels));
    }

    /// <summary>Frees all memory.</summary>
    public void Dispose()
    {
        _images?.Dispose();
        _labels?.Dispose();
    }

    private DeviceBuffer<T> Send<T>(ref UploadBuffer<T>? upload, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (upload is null || upload.Length < values.Length)
        {
            upload?.Dispose();
            upload = execution.Device.CreateUpload<T>(values.Length);
        }

        values.CopyTo(upload.Staging);
        return upload.Send(values.Length);
    }
}
