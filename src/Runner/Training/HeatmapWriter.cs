using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>
/// Draws the maps of the first test images at every evaluation: <c>img_K/input.png</c> once, then <c>cam_STEP.png</c> (the map of the
/// true class over the image, which is inverted if it is drawn on a dark background) and <c>cam_STEP.npy</c> (the same map raw, signed,
/// [H, W]). <c>heatmaps.jsonl</c> has the answers. The ranks of a job take the batches by turns, and rank 0 writes.
/// </summary>
internal sealed class HeatmapWriter : IDisposable
{
    private const int Batch = 10;
    private readonly RankJob _job;
    private readonly Execution _network;
    private readonly HeatmapPixels _pixels;
    private readonly ISampleSource _source;
    private readonly RunFolder _folder;
    private readonly int _count;
    private readonly float[] _images;
    private readonly float[] _shown;
    private readonly int[] _labels = new int[Batch];
    private readonly Box?[] _boxes = new Box?[Batch];

    private bool _hasInputs;

    public HeatmapWriter(RankJob job, Execution network, ISampleSource source, TrainSettings settings, RunFolder folder)
    {
        (_job, _network, _source, _folder) = (job, network, source, folder);
        _count = Math.Min(settings.Heatmaps, source.Count);
        _pixels = new HeatmapPixels(network, OptionNames.Resize.Parse(settings.Resize), settings.ShownBackground);
        _images = new float[Batch * ImageLength];
        _shown = new float[source.ShowsInput ? 0 : Batch * ImageLength];
    }

    private int ImageLength => _source.Height * _source.Width * _source.Channels;

    /// <summary>Draws all maps as the network has them after <paramref name="step"/>. Collective.</summary>
    public void Write(int step)
    {
        var entries = new List<HeatmapImage>();
        for (int first = 0; first < _count; first += Batch * _job.Size)
        {
            int own = first + (Batch * _job.Rank);
            Made<HeatmapImage> made = _job.Together(() => Draw(own, Math.Clamp(_count - own, 0, Batch), step));
            entries.AddRange(MadeFile.WriteAll(_job, _folder.Root, made));
        }

        _hasInputs = true;
        if (_count > 0)
        {
            _job.OnFirst(() => RunFolder.Append(_folder.Heatmaps, RunnerJson.Line(new HeatmapEntry(step, entries))));
        }
    }

    public void Dispose() => _pixels.Dispose();

    /// <summary>One image after the other is compressed: on all processors, since that takes longer than a network's maps.</summary>
    private Made<HeatmapImage> Draw(int first, int count, int step)
    {
        if (count == 0)
        {
            return new Made<HeatmapImage>([], []);
        }

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
        int width = _source.Width, height = _source.Height, area = height * width;
        var entries = new HeatmapImage[count];
        var files = new MadeFile[count][];
        AllCores.For(count, n =>
        {
            var overlay = Image8.FromRgb(overlays.AsSpan(3 * n * area, 3 * area), width, height);
            entries[n] = Draw(
                first + n + 1, n, step, logits.AsSpan(n * classes, classes), maps.AsSpan(n * area, area), overlay, out files[n]);
        });
        return new Made<HeatmapImage>(entries, [.. files.SelectMany(own => own)]);
    }

    private HeatmapImage Draw(
        int number, int n, int step, ReadOnlySpan<float> logits, ReadOnlySpan<float> map, Image8 overlay, out MadeFile[] files)
    {
        int predicted = Ranking.IndexOfMax(logits);
        IReadOnlyList<string> names = _network.Network.ClassNames;
        double probability = Ranking.Softmax(logits)[predicted], loss = Ranking.LogSumExp(logits) - logits[_labels[n]];
        var options = new HeatmapOptions
        {
            Caption = $"step {step} · {Caption.Prediction(names[_labels[n]], names[predicted], probability)}",
            TrueBox = _boxes[n],
        };
        Image8 picture = Heatmap.Frame(overlay, MapRange.Of(map), options);
        string folder = Path.GetFileName(_folder.ImageFolder(number));
        MadeFile[] inputs = _hasInputs ? [] : [MadeFile.Png($"{folder}/input.png", _source.Shown(number - 1), stays: true)];
        files =
        [
            .. inputs, MadeFile.Png($"{folder}/cam_{step}.png", picture), MadeFile.Npy($"{folder}/cam_{step}.npy", map, _source.Width),
        ];
        return new HeatmapImage(names[_labels[n]], names[predicted], probability, loss, _boxes[n]);
    }

    private Span<float> Image(int n) => _images.AsSpan(n * ImageLength, ImageLength);
}
