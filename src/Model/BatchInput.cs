using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Brings batches of images to a network's device and logits back, through memory that is reused from batch to batch.</summary>
internal sealed class BatchInput(Execution execution) : IDisposable
{
    private readonly ReusedTensor _images = new(execution.Device, execution.Graph.Input.Name);
    private float[] _logits = [];

    /// <summary>The images as a tensor [<paramref name="count"/>, H, W, C]: of the network's own size, or else square.</summary>
    public Tensor Upload(ReadOnlySpan<float> images, int count)
    {
        return Upload(images, ShapeOf(images, count, execution.Graph.Input.Shape));
    }

    /// <summary>The images as a tensor of that shape.</summary>
    public Tensor Upload(ReadOnlySpan<float> images, Shape shape)
    {
        Tensor tensor = _images.Get(shape);
        tensor.CopyFrom(images);
        return tensor;
    }

    /// <summary>The shape of <paramref name="count"/> images: <paramref name="usual"/>, or else square with as many channels.</summary>
    public static Shape ShapeOf(ReadOnlySpan<float> images, int count, Shape usual)
    {
        int channels = usual.C;
        if ((long)count * usual.Count == images.Length)
        {
            return usual.WithN(count);
        }

        int area = count > 0 ? images.Length / (count * channels) : 0;
        int size = (int)Math.Round(Math.Sqrt(area));
        return size > 0 && (long)count * size * size * channels == images.Length
            ? new Shape(count, size, size, channels)
            : throw new ArgumentException(
                $"{images.Length} values are not {count} images of {usual.W}x{usual.H} pixels, or square ones, with {channels} channels",
                nameof(images));
    }

    /// <summary>Waits for the logits and returns them, row by row, valid until the next call.</summary>
    public ReadOnlySpan<float> Download(Tensor logits)
    {
        if (_logits.Length < logits.Count)
        {
            _logits = new float[logits.Count];
        }

        Span<float> values = _logits.AsSpan(0, logits.Count);
        logits.CopyTo(values);
        return values;
    }

    /// <summary>Frees the device memory.</summary>
    public void Dispose() => _images.Dispose();
}
