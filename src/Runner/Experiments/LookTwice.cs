using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// The CAM paper's fine-grained experiment (arXiv 1512.04150, section 4.1): classify the whole image, then what the map of the predicted
/// class frames, and for comparison what the true box frames.
/// </summary>
internal sealed class LookTwice(
    RankJob job, Execution network, Execution second, ISampleSource source, ICrops crops, LookTwiceOptions options)
    : IDisposable
{
    private const int Batch = 50;
    private readonly Classifier _first = new(network);
    private readonly Classifier _second = new(second);
    private readonly CamEngine _maps = new(network, ResizeMode.HalfPixel);
    private readonly ICamMethod _cam = CamMethods.Create("cam");
    private readonly MapComponents _components = new();

    /// <summary>Looks twice at the first <paramref name="count"/> samples, which ranks share.</summary>
    /// <returns>What was found, on rank 0; null on others.</returns>
    public LookTwiceResult? Run(int count)
    {
        var answers = new List<LookTwiceAnswer[]>();
        RankedPass.Over(job, source, Math.Min(count, source.Count), Batch, batch => answers.Add(Look(batch)));
        return RankTurns.InOrder(job, answers) is not { } all ? null : LookTwiceResult.Of(
            [.. all.SelectMany(part => part)], options, DeviceCatalog.NameOf(network.Device.Precision), ReferenceEquals(network, second));
    }

    public void Dispose()
    {
        _maps.Dispose();
        _second.Dispose();
        _first.Dispose();
    }

    private LookTwiceAnswer[] Look(SampleBatch batch)
    {
        int width = source.Width, area = batch.Area, count = batch.Count;
        float[] whole = Logits(_first, batch.UsedImages, count);
        int classes = network.Network.LogitCount;
        int[] predicted = [.. Enumerable.Range(0, count).Select(n => Ranking.IndexOfMax(whole.AsSpan(n * classes, classes)))];
        float[] maps = _maps.MapToImage(_cam, _maps.DefaultLayer, predicted).ToArray();
        Box?[] found = [.. Enumerable.Range(0, count).Select(n =>
            _components.AboveShareOfMax(maps.AsSpan(n * area, area), width, options.BoxThreshold) is [MapComponent largest, ..]
                ? largest.Box : (Box?)null)];

        int length = options.Canvas * (options.CanvasHeight ?? options.Canvas) * second.Network.Channels;
        float[] ofMap = new float[count * length], ofTruth = new float[count * length];
        var windows = new Box[count];
        AllCores.For(count, n => windows[n] = crops.Place(
            batch, n, found[n] ?? new Box(0, 0, width - 1, source.Height - 1), batch.Boxes[n], ofMap.AsSpan(n * length, length),
            ofTruth.AsSpan(n * length, length)));

        // Copied: a second network may be the first one, whose outputs each call overwrites.
        float[] camCrop = Logits(_second, ofMap, count);
        float[] trueCrop = Array.Exists(batch.Boxes[..count], box => box is not null) ? Logits(_second, ofTruth, count) : camCrop;
        float[] wholeSecond = ReferenceEquals(network, second) ? whole : Logits(_second, batch.UsedImages, count);
        return
        [
            .. Enumerable.Range(0, count).Select(n => LookTwiceAnswer.Of(
                batch.Labels[n], Row(whole, n), Row(wholeSecond, n), Row(camCrop, n), Row(trueCrop, n),
                (found[n], windows[n], batch.Boxes[n]))),
        ];

        ReadOnlySpan<float> Row(float[] logits, int n) => logits.AsSpan(n * classes, classes);
    }

    private static float[] Logits(Classifier classifier, ReadOnlySpan<float> images, int count)
    {
        float[] logits = classifier.Logits(images, count).ToArray();
        return Array.TrueForAll(logits, float.IsFinite)
            ? logits
            : throw new NonFiniteLossException("the network's outputs are not finite: give a model whose training did not diverge");
    }
}
