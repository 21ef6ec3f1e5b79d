using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>How the second look is taken.</summary>
/// <param name="BoxThreshold">The box holds what is above this share of the map's maximum.</param>
/// <param name="Margin">Pixels added around a box.</param>
/// <param name="Canvas">Side of the canvas that a crop is put on.</param>
internal sealed record LookTwiceOptions(float BoxThreshold, int Margin, int Canvas);

/// <summary>What two looks found: shares of the images.</summary>
internal sealed record LookTwiceResult
{
    public required int Images { get; init; }

    public required LookTwiceOptions Options { get; init; }

    /// <summary>How the device rounded factors.</summary>
    public required string Precision { get; init; }

    /// <summary>Right answers for the whole image.</summary>
    public required double Whole { get; init; }

    /// <summary>
    /// Right answers of the network that takes the second look, for the whole image; absent where it is the same network.
    /// </summary>
    public double? WholeSecond { get; init; }

    /// <summary>Right answers for the crop around the map of the predicted class.</summary>
    public required double CamCrop { get; init; }

    /// <summary>Right answers for the crop around the true box: what a perfect map would give.</summary>
    public required double TrueCrop { get; init; }

    /// <summary>Right answers by the product of the probabilities of both looks, whole image and the map's crop.</summary>
    public required double Both { get; init; }

    /// <summary>Images that the whole image gets wrong and the map's crop right.</summary>
    public required double Repaired { get; init; }

    /// <summary>Images that the whole image gets right and the map's crop wrong.</summary>
    public required double Spoilt { get; init; }

    /// <summary>Mean intersection over union of the map's box, without margin, and the true one.</summary>
    public required double MeanIou { get; init; }

    /// <summary>Images whose digit lies in the map's crop entirely.</summary>
    public required double WholeDigit { get; init; }

    /// <summary>Images whose map gave no box; their crop is the middle of the image.</summary>
    public required int NoBox { get; init; }
}

/// <summary>
/// The CAM paper's fine-grained experiment (arXiv 1512.04150, section 4.1) on cluttered digits: classify the whole image, then what
/// the map of the predicted class frames, and for comparison what the true box frames.
/// </summary>
internal sealed class LookTwice(Execution network, Execution second, ISampleSource source, LookTwiceOptions options) : IDisposable
{
    private const int Batch = 50;
    private readonly Classifier _first = new(network);
    private readonly Classifier _second = new(second);
    private readonly CamEngine _maps = new(network, ResizeMode.HalfPixel);
    private readonly ICamMethod _cam = CamMethods.Create("cam");
    private readonly MapComponents _components = new();
    private readonly Tally _tally = new();

    /// <summary>Looks twice at the first <paramref name="count"/> samples; they must have boxes.</summary>
    public LookTwiceResult Run(int count)
    {
        count = Math.Min(count, source.Count);
        BatchLoader.Pass(source, count, Batch, Look);

        return _tally.Result(options, DeviceCatalog.NameOf(network.Device.Precision), ReferenceEquals(network, second));
    }

    public void Dispose()
    {
        _maps.Dispose();
        _second.Dispose();
        _first.Dispose();
    }

    private void Look(SampleBatch batch)
    {
        int size = source.Size, area = size * size;
        float[] whole = Logits(_first, batch.UsedImages, batch.Count);
        int classes = network.Network.LogitCount;
        int[] predicted = [.. Enumerable.Range(0, batch.Count).Select(n => Ranking.IndexOfMax(whole.AsSpan(n * classes, classes)))];
        float[] maps = _maps.MapToImage(_cam, _maps.DefaultLayer, predicted).ToArray();

        int length = options.Canvas * options.Canvas * source.Channels;
        float[] crops = new float[2 * batch.Count * length];
        var windows = new Box[batch.Count];
        for (int n = 0; n < batch.Count; n++)
        {
            Box truth = batch.Boxes[n]
                ?? throw new GpuCamException("these samples have no boxes (boxes.csv), and the experiment needs the true ones");
            Box? found = _components.AboveShareOfMax(maps.AsSpan(n * area, area), size, options.BoxThreshold) is [MapComponent largest, ..]
                ? largest.Box : null;
            windows[n] = Place(batch, n, found ?? new Box(0, 0, size - 1, size - 1), crops.AsSpan(n * length, length));
            Place(batch, n, truth, crops.AsSpan((batch.Count + n) * length, length));
            _tally.AddBox(found, windows[n], truth);
        }

        // Copied: a second network may be the first one, whose outputs each call overwrites.
        float[] camCrop = Logits(_second, crops.AsSpan(0, batch.Count * length), batch.Count);
        float[] trueCrop = Logits(_second, crops.AsSpan(batch.Count * length), batch.Count);
        float[] wholeSecond = ReferenceEquals(network, second) ? whole : Logits(_second, batch.UsedImages, batch.Count);
        for (int n = 0; n < batch.Count; n++)
        {
            _tally.AddAnswers(batch.Labels[n], Row(whole, n), Row(wholeSecond, n), Row(camCrop, n), Row(trueCrop, n));
        }

        ReadOnlySpan<float> Row(float[] logits, int n) => logits.AsSpan(n * classes, classes);
    }

    private static float[] Logits(Classifier classifier, ReadOnlySpan<float> images, int count)
    {
        float[] logits = classifier.Logits(images, count).ToArray();
        return Array.TrueForAll(logits, float.IsFinite)
            ? logits
            : throw new NonFiniteLossException("the network's outputs are not finite: give a model whose training did not diverge");
    }

    private Box Place(SampleBatch batch, int n, Box box, Span<float> target)
    {
        Box window = Crop.Window(box, options.Margin, source.Size, options.Canvas);
        Crop.Place(batch.Image(n), source.Size, source.Channels, window, target, options.Canvas);
        return window;
    }

    private sealed class Tally
    {
        private int _images, _whole, _wholeSecond, _camCrop, _trueCrop, _both, _repaired, _spoilt, _wholeDigit, _noBox;
        private double _iou;

        public void AddBox(Box? found, Box window, Box truth)
        {
            _images++;
            _iou += found?.IntersectionOverUnion(truth) ?? 0;
            _wholeDigit += window.Contains(truth.X0, truth.Y0) && window.Contains(truth.X1, truth.Y1) ? 1 : 0;
            _noBox += found is null ? 1 : 0;
        }

        public void AddAnswers(int label, ReadOnlySpan<float> whole, ReadOnlySpan<float> wholeSecond, ReadOnlySpan<float> camCrop,
            ReadOnlySpan<float> trueCrop)
        {
            bool first = Ranking.IndexOfMax(whole) == label, then = Ranking.IndexOfMax(camCrop) == label;
            _whole += first ? 1 : 0;
            _camCrop += then ? 1 : 0;
            _repaired += !first && then ? 1 : 0;
            _spoilt += first && !then ? 1 : 0;
            _wholeSecond += Ranking.IndexOfMax(wholeSecond) == label ? 1 : 0;
            _trueCrop += Ranking.IndexOfMax(trueCrop) == label ? 1 : 0;

            // The product of two softmaxes is the largest where the sum of the logits is.
            float[] sum = new float[whole.Length];
            for (int c = 0; c < sum.Length; c++)
            {
                sum[c] = whole[c] + camCrop[c];
            }

            _both += Ranking.IndexOfMax(sum) == label ? 1 : 0;
        }

        public LookTwiceResult Result(LookTwiceOptions options, string precision, bool sameNetwork) => new()
        {
            Images = _images,
            Options = options,
            Precision = precision,
            Whole = Share(_whole),
            WholeSecond = sameNetwork ? null : Share(_wholeSecond),
            CamCrop = Share(_camCrop),
            TrueCrop = Share(_trueCrop),
            Both = Share(_both),
            Repaired = Share(_repaired),
            Spoilt = Share(_spoilt),
            MeanIou = _iou / Math.Max(1, _images),
            WholeDigit = Share(_wholeDigit),
            NoBox = _noBox,
        };

        private double Share(int hits) => (double)hits / Math.Max(1, _images);
    }
}
