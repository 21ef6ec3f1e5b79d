using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A new linear layer on the pooled features of a network whose other layers stay as they are (arXiv 1512.04150, section 4). It learns
/// on standardised features, <c>(x - mean) / deviation</c> per channel, because pooled features of a large canvas are small and of
/// unequal size; for the network, both are folded into weight and bias, so its class activation maps are as exact as any.
/// </summary>
public sealed class LinearHead : IDisposable
{
    private readonly Execution _network;
    private readonly AdamOptimizer _optimizer;
    private readonly Trainer _trainer;
    private readonly double[] _mean;
    private readonly double[] _scale;

    /// <summary>A head for these features, with initial weights from <paramref name="seed"/>.</summary>
    /// <param name="device">Where it learns.</param>
    /// <param name="features">What it will learn from, image after image: their means and deviations are taken.</param>
    /// <param name="channels">Features of an image.</param>
    /// <param name="classNames">The classes to learn.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    public LinearHead(IDevice device, ReadOnlySpan<float> features, int channels, IReadOnlyList<string> classNames, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        (_mean, _scale) = Standardise(features, channels);
        var graph = new GraphBuilder();
        Value logits = graph.Linear("classifier", graph.Input("features", new Shape(1, 1, 1, channels)), classNames.Count, bias: true);
        _network = new Execution(device, new Network(graph.Build(logits), classNames));
        HeInitialization.Fill(_network.Parameters, seed);
        _optimizer = new AdamOptimizer(_network.Parameters);
        _trainer = new Trainer(_network, _optimizer);
    }

    /// <summary>Learns from one batch.</summary>
    /// <param name="features">Raw features, image after image.</param>
    /// <param name="labels">One class index per image.</param>
    /// <param name="learningRate">Adam's.</param>
    public StepResult Step(ReadOnlySpan<float> features, ReadOnlySpan<int> labels, float learningRate)
    {
        float[] standard = new float[features.Length];
        for (int i = 0; i < standard.Length; i++)
        {
            standard[i] = (float)((features[i] - _mean[i % _mean.Length]) * _scale[i % _mean.Length]);
        }

        return _trainer.Step(standard, labels, learningRate);
    }

    /// <summary>
    /// Writes the head over the last layer of <paramref name="target"/>, which must be linear, of these extents and with a bias.
    /// </summary>
    public void CopyTo(Execution target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Graph.Output.Producer is not LinearNode { Parameters: [var weightOf, var biasOf] })
        {
            throw new ArgumentException("the network does not end in a linear layer with a bias", nameof(target));
        }

        (Parameter targetWeight, Parameter targetBias) = (target.ParameterOf(weightOf), target.ParameterOf(biasOf));
        targetWeight.Value.Expect(_network.Parameters[0].Shape);
        float[] weight = _network.Parameters[0].Value.ToArray();
        float[] bias = _network.Parameters[1].Value.ToArray();
        for (int c = 0; c < bias.Length; c++)
        {
            double shift = bias[c];
            for (int k = 0; k < _mean.Length; k++)
            {
                double folded = weight[(k * bias.Length) + c] * _scale[k];
                shift -= folded * _mean[k];
                weight[(k * bias.Length) + c] = (float)folded;
            }

            bias[c] = (float)shift;
        }

        targetWeight.Value.CopyFrom(weight);
        targetBias.Value.CopyFrom(bias);
    }

    /// <summary>Frees the head; what was copied stays.</summary>
    public void Dispose()
    {
        _trainer.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    /// <summary>Means, and 1 / deviation: 0 for a channel that never changes, which then has no say.</summary>
    private static (double[] Mean, double[] Scale) Standardise(ReadOnlySpan<float> features, int channels)
    {
        int images = features.Length / channels;
        double[] mean = new double[channels];
        double[] scale = new double[channels];
        for (int i = 0; i < features.Length; i++)
        {
            mean[i % channels] += features[i] / (double)images;
        }

        for (int i = 0; i < features.Length; i++)
        {
            scale[i % channels] += Math.Pow(features[i] - mean[i % channels], 2) / images;
        }

        for (int k = 0; k < channels; k++)
        {
            scale[k] = scale[k] > 1e-16 ? 1 / Math.Sqrt(scale[k]) : 0;
        }

        return (mean, scale);
    }
}
