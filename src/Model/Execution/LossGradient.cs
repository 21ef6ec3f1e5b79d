using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Gradients of the mean softmax cross-entropy of a batch, or of a part of one, with respect to every parameter: a training step up to
/// its update.
/// </summary>
internal sealed class LossGradient(Execution execution) : IDisposable
{
    private readonly ReusedTensor _dLogits = new(execution.Device, "gradient of the logits");

    /// <summary>Whether the device is done when <see cref="Compute"/> returns: nothing is gained by reading losses late.</summary>
    public bool IsDoneAtOnce => execution.Whole is not null;

    /// <summary>Overwrites every gradient; what the step saw goes to the journal.</summary>
    /// <param name="x">N images, NHWC.</param>
    /// <param name="labels">N class indices, or more.</param>
    /// <param name="journal">Gets losses and right answers.</param>
    /// <param name="batch">Images of the whole batch.</param>
    public void Compute(Tensor x, DeviceBuffer<int> labels, StepJournal journal, int batch)
    {
        int images = x.Shape.N;
        if (execution.Whole is { } whole && whole.Takes(x.Shape) && labels is HostBuffer<int> host)
        {
            float[] losses = new float[images];
            int[] predictions = new int[images];
            ReadOnlySpan<int> own = host.Span[..images];
            whole.Train(x, own, losses, predictions, batch);
            for (int n = 0; n < images; n++)
            {
                predictions[n] = predictions[n] == own[n] ? 1 : 0;
            }

            journal.NextLosses(images).CopyFrom(losses);
            journal.Note(predictions);
            return;
        }

        Tensor logits = execution.Forward(x);
        Tensor dLogits = _dLogits.Get(logits.Shape);
        SoftmaxCrossEntropy.Forward(logits, labels, journal.NextLosses(images), dLogits, batch);
        journal.Note(logits, labels);
        execution.Backward(dLogits);
    }

    public void Dispose() => _dLogits.Dispose();
}
