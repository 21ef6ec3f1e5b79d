using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>How the second look is taken.</summary>
/// <param name="BoxThreshold">The box holds what is above this share of the map's maximum.</param>
/// <param name="Margin">Pixels of the network's input added around a box.</param>
/// <param name="Canvas">Side of the canvas that a crop is put on, or of the input that it is scaled to.</param>
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

    /// <summary>
    /// Right answers for the crop around the true box, of the images that have one: what a perfect map would give; null where none has.
    /// </summary>
    public required double? TrueCrop { get; init; }

    /// <summary>Images with a true box, where not all have one.</summary>
    public int? BoxImages { get; init; }

    /// <summary>Right answers by the product of the probabilities of both looks, whole image and the map's crop.</summary>
    public required double Both { get; init; }

    /// <summary>Images that the whole image gets wrong and the map's crop right.</summary>
    public required double Repaired { get; init; }

    /// <summary>Images that the whole image gets right and the map's crop wrong.</summary>
    public required double Spoilt { get; init; }

    /// <summary>Mean intersection over union of the map's box, without margin, and the true one; null as <see cref="TrueCrop"/>.</summary>
    public required double? MeanIou { get; init; }

    /// <summary>Images whose true box lies in the map's crop entirely; null as <see cref="TrueCrop"/>.</summary>
    public required double? WholeDigit { get; init; }

    /// <summary>Images whose map gave no box; their crop is the middle of the image, or all of it where crops are scaled.</summary>
    public required int NoBox { get; init; }
}

/// <summary>
/// The CAM paper's fine-grained experiment (arXiv 1512.04150, section 4.1): classify the whole image, then what the map of the predicted
/// class frames, and for comparison what the true box frames.
/// </summary>
internal sealed class LookTwice(Execution network, Execution second, ISampleSource source, ICrops crops, LookTwiceOptions options)
    : IDisposable
{
    private const int Batch = 50;
    private readonly Classifier _first = new(network);
    private readonly Classifier _second = new(second);
    private readonly CamEngine _maps = new(network, ResizeMode.HalfPixel);
    private readonly ICamMethod _cam = CamMethods.Create("cam");
    private readonly MapComponents _components = new();
    private readonly Tally _tally = new();

    /// <summary>Looks twice at the first <paramref name="count"/> samples.</summary>
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
        int size = source.Size, area = size * size, count = batch.Count;
        float[] whole = Logits(_first, batch.UsedImages, count);
        int classes = network.Network.LogitCount;
        int[] predicted = [.. Enumerable.Range(0, count).Select(n => Ranking.IndexOfMax(whole.AsSpan(n * classes, classes)))];
        float[] maps = _maps.MapToImage(_cam, _maps.DefaultLayer, predicted).ToArray();
        Box?[] found = [.. Enumerable.Range(0, count).Select(n =>
            _components.AboveShareOfMax(maps.AsSpan(n * area, area), size, options.BoxThreshold) is [MapComponent largest, ..]
                ? largest.Box : (Box?)null)];

        int length = options.Canvas * options.Canvas * second.Network.Channels;
        float[] ofMap = new float[count * length], ofTruth = new float[count * length];
        var windows = new Box[count];
        AllCores.For(count, n => windows[n] = crops.Place(
            batch, n, found[n] ?? new Box(0, 0, size - 1, size - 1), batch.Boxes[n], ofMap.AsSpan(n * length, length),
            ofTruth.AsSpan(n * length, length)));

        // Copied: a second network may be the first one, whose outputs each call overwrites.
        float[] camCrop = Logits(_second, ofMap, count);
        float[] trueCrop = Array.Exists(batch.Boxes[..count], box => box is not null) ? Logits(_second, ofTruth, count) : camCrop;
        float[] wholeSecond = ReferenceEquals(network, second) ? whole : Logits(_second, batch.UsedImages, count);
        for (int n = 0; n < count; n++)
        {
            _tally.AddAnswers(batch.Labels[n], Row(whole, n), Row(wholeSecond, n), Row(camCrop, n));
            _tally.AddBox(found[n], windows[n], batch.Boxes[n], Ranking.IndexOfMax(Row(trueCrop, n)) == batch.Labels[n]);
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

    private sealed class Tally
    {
        private int _images, _boxed, _whole, _wholeSecond, _camCrop, _trueCrop, _both, _repaired, _spoilt, _wholeDigit, _noBox;
        private double _iou;

        public void AddBox(Box? found, Box window, Box? truth, bool isRight)
        {
            _noBox += found is null ? 1 : 0;
            if (truth is not { } box)
            {
                return;
            }

            _boxed++;
            _trueCrop += isRight ? 1 : 0;
            _iou += found?.IntersectionOverUnion(box) ?? 0;
            _wholeDigit += window.Contains(box.X0, box.Y0) && window.Contains(box.X1, box.Y1) ? 1 : 0;
        }

        public void AddAnswers(
            int label, ReadOnlySpan<float> whole, ReadOnlySpan<float> wholeSecond, ReadOnlySpan<float> camCrop)
        {
            _images++;
            bool first = Ranking.IndexOfMax(whole) == label, then = Ranking.IndexOfMax(camCrop) == label;
            _whole += first ? 1 : 0;
            _camCrop += then ? 1 : 0;
            _repaired += !first && then ? 1 : 0;
            _spoilt += first && !then ? 1 : 0;
            _wholeSecond += Ranking.IndexOfMax(wholeSecond) == label ? 1 : 0;

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
            TrueCrop = OfBoxed(_trueCrop),
            BoxImages = _boxed == _images ? null : _boxed,
            Both = Share(_both),
            Repaired = Share(_repaired),
            Spoilt = Share(_spoilt),
            MeanIou = OfBoxed(_iou),
            WholeDigit = OfBoxed(_wholeDigit),
            NoBox = _noBox,
        };

        private double Share(int hits) => (double)hits / Math.Max(1, _images);

        private double? OfBoxed(double sum) => _boxed == 0 ? null : sum / _boxed;
    }
}
