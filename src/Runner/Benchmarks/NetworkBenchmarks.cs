using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Benchmarks;

/// <summary>
/// Training and inference of the reference network as a user meets them, samples already in memory: the cases that
/// <c>bench/torch_twin.py</c> times in PyTorch, under the same names.
/// </summary>
internal sealed class NetworkBenchmarks : IDisposable
{
    private static readonly ICamMethod s_method = new ClassActivationMapping();
    private readonly int _channels;
    private readonly int _size;
    private readonly int[] _batches;
    private readonly bool _slow;
    private readonly Execution _network;
    private readonly Optimizer _optimizer;
    private readonly Trainer _trainer;
    private readonly Classifier _classifier;
    private readonly CamEngine _engine;
    private readonly int[] _labels;

    /// <param name="device">Where the network runs.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="size">Side of <paramref name="source"/>'s images.</param>
    /// <param name="slow">For a device that a full benchmark would take hours on: a few images, a few runs.</param>
    /// <param name="source">The samples.</param>
    public NetworkBenchmarks(IDevice device, int channels, int size, bool slow, ISampleSource source)
    {
        _channels = channels;
        _size = size;
        _slow = slow;
        _batches = slow ? [1, 4] : [64, 256];
        _labels = [.. Enumerable.Range(0, Samples).Select(n => n % 10)];
        _network = LeNetGap.Create(device, new NetworkConfig(channels, size, source.ClassNames), seed: 1);
        _optimizer = new AdamOptimizer(_network.Parameters);
        _trainer = new Trainer(_network, _optimizer);
        _classifier = new Classifier(_network);
        _engine = new CamEngine(_network);
        Real = new float[Samples * size * size * channels];
        for (int n = 0; n < Samples; n++)
        {
            source.Fill(n, Real.AsSpan(n * size * size * channels, size * size * channels), out _, out _, []);
        }

        var random = new Random(1);
        Noise = [.. Enumerable.Range(0, Real.Length).Select(_ => random.NextSingle())];
    }

    /// <summary>Images of the larger batch.</summary>
    public int Samples => _batches[^1];

    /// <summary>Cluttered samples, NHWC.</summary>
    public float[] Real { get; }

    /// <summary>Images without a black pixel: nothing can be left out.</summary>
    public float[] Noise { get; }

    /// <summary>Times every case for <paramref name="seconds"/> each: images per second, or milliseconds where the name says so.</summary>
    public IReadOnlyDictionary<string, double> Run(double seconds)
    {
        var cases = new Dictionary<string, double>();
        foreach ((string content, float[] images) in (IEnumerable<(string, float[])>)[("real", Real), ("noise", Noise)])
        {
            foreach (int batch in _batches)
            {
                cases[$"train-{batch}-{content}"] =
                    batch / Timing.Median(() => _trainer.Step(Take(images, batch), _labels.AsSpan(0, batch), 1e-3f), seconds, _slow);
            }

            cases[$"infer-{Samples}-{content}"] = Samples / Timing.Median(() => _classifier.Logits(images, Samples), seconds, _slow);
            cases[$"infer-1-{content}-ms"] = 1000 * Timing.Median(() => _classifier.Logits(Take(images, 1), 1), seconds, _slow);
            cases[$"map-1-{content}-ms"] = 1000 * Timing.Median(() => Map(images), seconds, _slow);
        }

        return cases;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
        _trainer.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    /// <summary>From an image to the finished, normalised map of the predicted class at the image's size, back on the host.</summary>
    private void Map(float[] images)
    {
        int predicted = Ranking.IndexOfMax(_classifier.Logits(Take(images, 1), 1));
        Tensor map = _engine.MapToImage(s_method, _engine.DefaultLayer, [predicted]);
        MinMaxNormalize.Forward(map, map);
        map.ToArray();
    }

    private ReadOnlySpan<float> Take(float[] images, int count) => images.AsSpan(0, count * _size * _size * _channels);
}
