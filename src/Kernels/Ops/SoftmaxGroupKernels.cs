using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>One group, one row of probabilities; <see cref="SoftmaxKernel"/> by as many threads as the row deserves.</summary>
internal readonly struct SoftmaxGroupKernel(ArrayView<float> logits, ArrayView<float> probabilities, int channels) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        int start = Grid.IdxX * channels;
        float max = RowOfGroup.Max(logits, start, channels, shared);
        float sum = RowOfGroup.Exponentials(logits, probabilities, start, channels, max, shared);
        for (int c = Group.IdxX; c < channels; c += Group.DimX)
        {
            probabilities[start + c] = probabilities[start + c] / sum;
        }
    }
}

/// <summary>One group, one row of dx; <see cref="SoftmaxBackwardKernel"/> by groups.</summary>
internal readonly struct SoftmaxBackwardGroupKernel(
    ArrayView<float> probabilities, ArrayView<float> dy, ArrayView<float> dx, int channels) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        int start = Grid.IdxX * channels;
        float own = 0;
        for (int c = Group.IdxX; c < channels; c += Group.DimX)
        {
            own += probabilities[start + c] * dy[start + c];
        }

        float mean = GroupTree.SumOf(own, shared);
        for (int c = Group.IdxX; c < channels; c += Group.DimX)
        {
            dx[start + c] = probabilities[start + c] * (dy[start + c] - mean);
        }
    }
}

/// <summary>One group, one sample: its loss and its row of dLogits; <see cref="SoftmaxCrossEntropyKernel"/> by groups.</summary>
internal readonly struct SoftmaxCrossEntropyGroupKernel(
    ArrayView<float> logits, ArrayView<int> labels, ArrayView<float> losses, ArrayView<float> dLogits,
    int channels, float scale) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        int start = Grid.IdxX * channels;
        int label = labels[Grid.IdxX];
        int known = label >= 0 && label < channels ? 1 : 0;
        float max = RowOfGroup.Max(logits, start, channels, shared);
        float margin = known != 0 ? logits[start + label] - max : float.NaN;
        Group.Barrier(); // dLogits may be the logits
        float sum = RowOfGroup.Exponentials(logits, dLogits, start, channels, max, shared);
        if (Group.IdxX == 0)
        {
            losses[Grid.IdxX] = XMath.Log(sum) - margin;
        }

        for (int c = Group.IdxX; c < channels; c += Group.DimX)
        {
            float gradient = ((dLogits[start + c] / sum) - (c == label ? 1f : 0f)) * scale;
            dLogits[start + c] = known != 0 ? gradient : float.NaN;
        }
    }
}

/// <summary>What the softmax kernels share; every thread keeps to its own elements, so that output and input may be one.</summary>
internal static class RowOfGroup
{
    /// <summary>The row's largest element. Where the row holds a NaN, the exponentials do too, whatever this is.</summary>
    public static float Max(ArrayView<float> row, int start, int length, ArrayView<float> shared)
    {
        float max = float.NegativeInfinity;
        for (int c = Group.IdxX; c < length; c += Group.DimX)
        {
            max = row[start + c] > max ? row[start + c] : max;
        }

        return GroupTree.MaxOf(max, shared);
    }

    /// <summary>Writes <c>exp(x - max)</c> and returns the row's sum of it.</summary>
    public static float Exponentials(ArrayView<float> x, ArrayView<float> y, int start, int length, float max, ArrayView<float> shared)
    {
        float sum = 0;
        for (int c = Group.IdxX; c < length; c += Group.DimX)
        {
            float e = XMath.Exp(x[start + c] - max);
            y[start + c] = e;
            sum += e;
        }

        return GroupTree.SumOf(sum, shared);
    }
}
