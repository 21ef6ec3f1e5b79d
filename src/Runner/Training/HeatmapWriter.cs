using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>
/// Draws the maps of the first test images at every evaluation: <c>img_K/input.png</c> once, then <c>cam_STEP.png</c> (the map of the
/// true class over the image, which is inverted if it is drawn on a dark background) and <c>cam_STEP.npy</c> (the same map raw, signed,
/// [H, W]). <c>heatmaps.jsonl</c> has the answers.
/// </summary>
internal sealed class HeatmapWriter : IDisposable
{
    private const int Batch = 10;
    private readonly Execution _network;
    private readonly HeatmapPixels _pixels;
    private readonly ISampleSource _source;
    private readonly RunFolder _folder;
    private readonly int _count;
    private readonly float[] _images;
    private readonly float[] _shown;
    private readonly int[] _labels = new int[Batch];
    private readonly Box?[] _boxes = new Box?[Batch];

    public HeatmapWriter(
        Execution network, ISampleSource source, int count, ResizeMode resize, ImageBackground background, RunFolder folder)
    {
        _network = network;
        _source = source;
        _folder = folder;
        _count = Math.Min(count, source.Count);
        _pixels = new HeatmapPixels(network, resize, background);
        _images = new float[Batch * ImageLength];
        _shown = new float[source.ShowsInput ? 0 : Batch * ImageLength];
    }

    private int ImageLength => _source.Size * _source.Size * _source.Channels;

    /// <summary>Draws all maps as the network has them after <paramref name="step"/>.</summary>
    public void Write(int step)
    {
        var entries = new List<HeatmapImage>();
        for (int first = 0; first < _count; first += Batch)
        {
            entries.AddRange(WriteBatch(first, Math.Min(Batch, _count - first), step));
        }

        if (_count > 0)
        {
            RunFolder.Append(_folder.Heatmaps, RunnerJson.Line(new HeatmapEntry(step, entries)));
        }
    }

    public void Dispose() => _pixels.Dispose();

    /// <summary>One image after the other is compressed: on all processors, since that takes longer than a network's maps.</summary>
    private HeatmapImage[] WriteBatch(int first, int count, int step)
    {
        for (int n = 0; n < count; n++)
        {
            _source.Fill(first + n, Image(n), out _labels[n], out _boxes[n], []);
            if (!_source.ShowsInput)
            {
                _source.Shown(first + n).ToFloats(_shown.AsSpan(n * ImageLength, ImageLength), _source.Channels);
            }
        }

        int classes = _network.Network.LogitCount;
        int values = count * ImageLength;
        byte[] overlays = _pixels.Draw(
            _images.AsSpan(0, values), _shown.AsSpan(0, Math.Min(values, _shown.Length)), _labels.AsSpan(0, count), out float[] logits,
            out float[] maps);
        int size = _source.Size, area = size * size;
        var entries = new HeatmapImage[count];
        AllCores.For(count, n =>
        {
            var overlay = Image8.FromRgb(overlays.AsSpan(3 * n * area, 3 * area), size, size);
            entries[n] = WriteOne(first + n + 1, n, step, logits.AsSpan(n * classes, classes), maps.AsSpan(n * area, area), overlay);
        });
        return entries;
    }

    private HeatmapImage WriteOne(int number, int n, int step, ReadOnlySpan<float> logits, ReadOnlySpan<float> map, Image8 overlay)
    {
        string folder = _folder.ImageFolder(number);
        int size = _source.Size;
        string input = Path.Combine(folder, "input.png");
        if (!File.Exists(input))
        {
            PngWriter.WriteFile(input, _source.Shown(number - 1));
        }

        int predicted = Ranking.IndexOfMax(logits);
        IReadOnlyList<string> names = _network.Network.ClassNames;
        double probability = Ranking.Softmax(logits)[predicted], loss = Ranking.LogSumExp(logits) - logits[_labels[n]];
        var options = new HeatmapOptions
        {
            Caption = $"step {step} · {Caption.Prediction(names[_labels[n]], names[predicted], probability)}",
            TrueBox = _boxes[n],
        };
        Image8 picture = Heatmap.Frame(overlay, MapRange.Of(map), options);
        PngWriter.WriteFile(Path.Combine(folder, $"cam_{step}.png"), picture);
        Npy.WriteFile(Path.Combine(folder, $"cam_{step}.npy"), map.ToArray(), [size, size]);
        return new HeatmapImage(names[_labels[n]], names[predicted], probability, loss, _boxes[n]);
    }

    private Span<float> Image(int n) => _images.AsSpan(n * ImageLength, ImageLength);
}
