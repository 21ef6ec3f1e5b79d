using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Runs a network forward on batches from the host. Does not own the network. Not for two threads at once.</summary>
public sealed class Classifier(Execution execution) : IDisposable
{
    private readonly BatchInput _input = new(execution);

    /// <summary>
    /// Logits of <paramref name="count"/> images, NHWC, of the network's own size or else square: row by row, valid until the next call.
    /// </summary>
    public ReadOnlySpan<float> Logits(ReadOnlySpan<float> images, int count)
    {
        Tensor x = _input.Upload(images, count);
        return _input.Download(execution.Forward(x));
    }

    /// <summary>The same for images of any size, [N, H, W, C].</summary>
    public ReadOnlySpan<float> Logits(ReadOnlySpan<float> images, Shape shape) =>
        _input.Download(execution.Forward(_input.Upload(images, shape)));

    /// <summary>Frees what the batches used.</summary>
    public void Dispose() => _input.Dispose();
}
