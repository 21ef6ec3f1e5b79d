using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>
/// Global average pooling dilutes a digit's evidence by the canvas's area. While training, the pooled features are
/// therefore multiplied by a gain, and by the ratio of the canvas's area to the final one, so that the classifier sees the same
/// numbers on every canvas. Before the network is tested or saved, the gain is folded into the classifier's weights: it is then
/// the plain network again. The gain is a power of two, so folding back and forth changes no bit. A maximum is not diluted: global
/// max pooling has neither gain nor ratio, and the gain is of the reference network alone.
/// </summary>
internal sealed class PoolingGain(Execution network, float gain, int finalSize)
{
    private readonly bool _dilutes =
        network.Network is { Config.Architecture: LeNetGap.Architecture, Tail.Pooling: GlobalPooling.Average };

    private bool _folded = true;

    /// <summary>Makes the network plain.</summary>
    public void Fold()
    {
        if (!_dilutes)
        {
            return;
        }

        network.PoolingGain = 1;
        if (!_folded)
        {
            Scale(gain);
        }

        _folded = true;
    }

    /// <summary>Readies the network for training on canvases of <paramref name="size"/> pixels a side.</summary>
    public void Unfold(int size)
    {
        if (!_dilutes)
        {
            return;
        }

        network.PoolingGain = gain * Cells(size) / Cells(finalSize);
        if (_folded)
        {
            Scale(1 / gain);
        }

        _folded = false;
    }

    /// <summary>Cells of a feature map.</summary>
    private float Cells(int size)
    {
        int side = size >> network.Network.Config.Pools;
        return (float)side * side;
    }

    private void Scale(float factor)
    {
        Tensor classifier = network.Parameters.Single(parameter => parameter.Kind == ParameterKind.LinearWeight).Value;
        float[] weight = classifier.ToArray();
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] *= factor;
        }

        classifier.CopyFrom(weight);
    }
}
