using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Benchmarks;

/// <summary>
/// What maps cost beside the forward pass that they need anyway: milliseconds per image from the pixels to the maps at the images'
/// size, back on the host, for each method at the pooled layer and at conv2.
/// </summary>
internal sealed class MapBenchmarks : IDisposable
{
    private const int Batch = 64;
    private readonly Execution _network;
    private readonly Classifier _classifier;
    private readonly CamEngine _engine;
    private readonly float[] _images;
    private readonly int[] _labels = new int[Batch];
    private readonly float[] _maps;     // one array for all: pages of new ones would cost more than the maps

    public MapBenchmarks(IDevice device, int channels, ISampleSource source)
    {
        _network = LeNetGap.Create(device, new NetworkConfig(channels, source.Width, source.ClassNames), seed: 1);
        _classifier = new Classifier(_network);
        _engine = new CamEngine(_network);
        int length = source.Height * source.Width * channels;
        _images = new float[Batch * length];
        _maps = new float[Batch * source.Height * source.Width];
        for (int n = 0; n < Batch; n++)
        {
            source.Fill(n, _images.AsSpan(n * length, length), out _labels[n], out _, []);
        }
    }

    /// <summary>Times the forward pass and every method for <paramref name="seconds"/> each, in milliseconds per image.</summary>
    public IReadOnlyDictionary<string, double> Run(double seconds)
    {
        var cases = new Dictionary<string, double> { ["forward"] = Time(Batch, seconds, _ => { }) };
        foreach (ICamMethod method in CamMethods.All)
        {
            // A method that scores changed copies has work enough with two images.
            int count = method.Needs == CamNeeds.Scores ? 2 : Batch;
            string[] layers = method.Scope == CamScope.AnyLayer ? ["pool2", "conv2"] : ["pool2"];
            foreach (string layer in layers)
            {
                string name = method.Scope == CamScope.AnyLayer ? $"{method.Name} {layer}" : method.Name;
                cases[name] = Time(count, seconds, n => _engine.MapToImage(method, layer, _labels.AsSpan(0, n))
                    .CopyTo(_maps.AsSpan(0, _maps.Length / Batch * n)));
            }
        }

        return cases;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
        _network.Dispose();
    }

    private double Time(int count, double seconds, Action<int> map)
    {
        int length = _images.Length / Batch * count;
        return 1000 / (double)count * Timing.Median(
            () =>
            {
                _classifier.Logits(_images.AsSpan(0, length), count);
                map(count);
            },
            seconds);
    }
}
