using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Evaluation;

/// <summary>A network, its last batch, and the maps of it. Does not own the network.</summary>
internal sealed class MappedNetwork(Execution network, ResizeMode resize) : IDisposable
{
    private readonly Classifier _classifier = new(network);
    private readonly CamEngine _engine = new(network, resize);
    private SampleBatch? _batch;
    private float[] _maps = [];

    /// <summary>Knows the layers.</summary>
    public CamEngine Engine => _engine;

    /// <summary>Logits of a batch, row by row; valid until the next call.</summary>
    /// <exception cref="NonFiniteLossException">They are not all finite.</exception>
    public ReadOnlySpan<float> Logits(SampleBatch batch)
    {
        _batch = batch;
        return Logits(batch.UsedImages, batch.Count);
    }

    /// <summary>Forgets the batch, whose memory is about to be used for others.</summary>
    public void Leave() => _batch = null;

    /// <summary>Maps of the batch's true classes, resized to the images, one after the other; valid until the next call.</summary>
    public float[] Maps(MapRow row, SampleBatch batch)
    {
        if (_batch != batch)
        {
            Logits(batch);
        }

        _engine.ImageNumbers = batch.Indices;
        _engine.Smoothing = row.Smoothing;
        Tensor maps = _engine.MapToImage(row.Method, row.Layers, batch.UsedLabels);
        if (_maps.Length < maps.Count)
        {
            _maps = new float[maps.Count];
        }

        maps.CopyTo(_maps.AsSpan(0, maps.Count));
        return _maps;
    }

    /// <summary>Softmax probabilities of one class per image; see <see cref="ImageScores"/>.</summary>
    /// <exception cref="NonFiniteLossException">The network's outputs are not all finite.</exception>
    public void Scores(ReadOnlySpan<float> images, ReadOnlySpan<int> classes, Span<double> scores)
    {
        _batch = null;
        ReadOnlySpan<float> logits = Logits(images, classes.Length);
        int count = network.Network.ClassCount;
        for (int n = 0; n < classes.Length; n++)
        {
            ReadOnlySpan<float> row = logits.Slice(n * count, count);
            scores[n] = Math.Exp(row[classes[n]] - Ranking.LogSumExp(row));
        }
    }

    private ReadOnlySpan<float> Logits(ReadOnlySpan<float> images, int count)
    {
        ReadOnlySpan<float> logits = PerClass(_classifier.Logits(images, count));
        return logits.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            ? throw new NonFiniteLossException("the network's outputs for the test images are not finite: lower the learning rate, or "
                + "take weights from before it diverged")
            : logits;
    }

    /// <summary>One logit y stands for two classes: the softmax of -y/2 and y/2 is the sigmoid.</summary>
    private ReadOnlySpan<float> PerClass(ReadOnlySpan<float> logits)
    {
        if (network.Network.LogitCount > 1)
        {
            return logits;
        }

        float[] both = new float[2 * logits.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            (both[2 * i], both[(2 * i) + 1]) = (-logits[i] / 2, logits[i] / 2);
        }

        return both;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
    }
}
