using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Experiments;

/// <summary>What a network makes of samples before its last layer, pooled in both ways.</summary>
/// <param name="Average">The mean of each channel's cells.</param>
/// <param name="Maximum">The largest of them.</param>
internal sealed record PooledFeatures(LabelledFeatures Average, LabelledFeatures Maximum)
{
    private const int Batch = 50;

    /// <summary>Those of a way of pooling.</summary>
    public LabelledFeatures By(GlobalPooling pooling) => pooling == GlobalPooling.Average ? Average : Maximum;

    /// <summary>Runs a network over the first <paramref name="count"/> samples.</summary>
    /// <exception cref="GpuCamException">It does not end in a global pooling.</exception>
    public static PooledFeatures Of(RankJob job, Execution network, ISampleSource source, int count) =>
        Of(job, [network], source, count)[0];

    /// <summary>
    /// Runs networks of one input over the first <paramref name="count"/> samples, which are made once for all of them. Ranks share the
    /// samples, and all get all features.
    /// </summary>
    /// <exception cref="GpuCamException">One does not end in a global pooling.</exception>
    public static PooledFeatures[] Of(RankJob job, IReadOnlyList<Execution> networks, ISampleSource source, int count)
    {
        string[] layers = [.. networks.Select(network => LayerOf(network.Network).Name)];
        Classifier[] classifiers = [.. networks.Select(network => new Classifier(network))];
        (List<float> Average, List<float> Maximum)[] pooled = [.. networks.Select(_ => (new List<float>(), new List<float>()))];
        var labels = new List<int>();
        try
        {
            RankedPass.Over(job, source, Math.Min(count, source.Count), Batch, batch =>
            {
                for (int i = 0; i < classifiers.Length; i++)
                {
                    classifiers[i].Logits(batch.UsedImages, batch.Count);
                    Tensor features = networks[i].Activation(layers[i]);
                    (int images, int height, int width, int channels) = features.Shape;
                    float[] values = features.ToArray();
                    for (int n = 0; n < images; n++)
                    {
                        ReadOnlySpan<float> cells = values.AsSpan(n * height * width * channels, height * width * channels);
                        Pool(cells, channels, pooled[i].Average, pooled[i].Maximum);
                    }
                }

                labels.AddRange(batch.UsedLabels);
            });
        }
        finally
        {
            foreach (Classifier classifier in classifiers)
            {
                classifier.Dispose();
            }
        }

        int[] all = RankTurns.Everywhere<int>(job, CollectionsMarshal.AsSpan(labels), Batch);
        return [.. pooled.Select((both, i) => new PooledFeatures(
            new LabelledFeatures(Everywhere(both.Average, i), all), new LabelledFeatures(Everywhere(both.Maximum, i), all)))];

        float[] Everywhere(List<float> own, int network) => RankTurns.Everywhere<float>(
            job, CollectionsMarshal.AsSpan(own), Batch * LayerOf(networks[network].Network).Shape.C);
    }

    /// <summary>The last feature maps, which are pooled.</summary>
    /// <exception cref="GpuCamException">There are none.</exception>
    public static Value LayerOf(Network network) => network.Tail?.Features ?? throw new GpuCamException(
        $"the experiment is about networks with a global pooling, and this one ends in {network.Ending}; give another");

    private static void Pool(ReadOnlySpan<float> cells, int channels, List<float> average, List<float> maximum)
    {
        double[] sums = new double[channels];
        float[] most = new float[channels];
        Array.Fill(most, float.NegativeInfinity);
        for (int i = 0; i < cells.Length; i++)
        {
            sums[i % channels] += cells[i];
            most[i % channels] = Math.Max(most[i % channels], cells[i]);
        }

        int places = cells.Length / channels;
        average.AddRange(sums.Select(sum => (float)(sum / places)));
        maximum.AddRange(most);
    }
}
