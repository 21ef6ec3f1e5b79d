using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Evaluation;

/// <summary>What an evaluation found of one image.</summary>
/// <param name="Index">Its place among the samples.</param>
/// <param name="Label">Its true class.</param>
/// <param name="Predicted">The class with the largest logit.</param>
/// <param name="Place">Place of the true class among the logits, 0 for the largest.</param>
/// <param name="Probability">The probability that this class got.</param>
/// <param name="Loss">Softmax cross-entropy: minus the logarithm of the true class's probability.</param>
/// <param name="Iou">Overlap of the true class's box with the true one; null where there is none.</param>
internal sealed record ImageAnswer(
    int Index, int Label, int Predicted, int Place, double Probability, double Loss, double? Iou)
{
    /// <summary>What a row of logits says, without a map.</summary>
    public static ImageAnswer Of(int index, int label, ReadOnlySpan<float> logits)
    {
        double all = Ranking.LogSumExp(logits);
        int predicted = Ranking.IndexOfMax(logits);
        return new ImageAnswer(
            index, label, predicted, Ranking.PlaceOf(logits, label), Math.Exp(logits[predicted] - all), all - logits[label], null);
    }
}

/// <summary>
/// The few images that an evaluation was worst at, of three kinds. Of equals the first sample goes before, so that neither the order of
/// the images nor the number of threads changes which are kept.
/// </summary>
/// <param name="each">Images to keep of each kind.</param>
internal sealed class WorstImages(int each = WorstImages.Usual)
{
    /// <summary>As many as can be looked at.</summary>
    public const int Usual = 12;

    private readonly Kept _loss = new(each), _sure = new(each), _overlap = new(each);

    /// <summary>Those whose true class got the least probability.</summary>
    public IReadOnlyList<ImageAnswer> HighestLoss => _loss.Images;

    /// <summary>Those that were taken for a wrong class with the highest probability.</summary>
    public IReadOnlyList<ImageAnswer> SurestErrors => _sure.Images;

    /// <summary>Those whose box of the true class's map overlaps the true box least; none where no box is known.</summary>
    public IReadOnlyList<ImageAnswer> LowestIou => _overlap.Images;

    /// <summary>Each of them once, in the order of the samples.</summary>
    public IReadOnlyList<ImageAnswer> Images => [.. HighestLoss.Concat(SurestErrors).Concat(LowestIou)
        .DistinctBy(answer => answer.Index).OrderBy(answer => answer.Index)];

    /// <summary>Looks, on rank 0, at what others have kept. Collective.</summary>
    public void Gather(RankJob job)
    {
        foreach (IReadOnlyList<ImageAnswer> others in job.Gather(Images)?.Skip(1) ?? [])
        {
            Add(others);
        }
    }

    /// <summary>Looks at images.</summary>
    public void Add(IReadOnlyList<ImageAnswer> answers)
    {
        foreach (ImageAnswer answer in answers)
        {
            _loss.Offer(answer.Loss, answer);
            if (answer.Predicted != answer.Label)
            {
                _sure.Offer(answer.Probability, answer);
            }

            if (answer.Iou is { } overlap)
            {
                _overlap.Offer(-overlap, answer);
            }
        }
    }

    /// <summary>Finds on all cores how far boxes at the paper's share of the maximum overlap the true ones.</summary>
    /// <param name="answers">One for each image; get their overlaps.</param>
    /// <param name="batch">The images.</param>
    /// <param name="maps">Maps of their true classes, of the images' size, one after the other.</param>
    public static void Overlap(ImageAnswer[] answers, SampleBatch batch, float[] maps)
    {
        int area = batch.Area, workers = Math.Min(AllCores.Count, batch.Count);
        AllCores.For(workers, worker =>
        {
            var components = new MapComponents();
            for (int n = worker; n < batch.Count; n += workers)
            {
                if (batch.Boxes[n] is { } truth)
                {
                    double overlap = components.AboveShareOfMax(maps.AsSpan(n * area, area), batch.Width) is [MapComponent largest, ..]
                        ? largest.Box.IntersectionOverUnion(truth) : 0;
                    answers[n] = answers[n] with { Iou = overlap };
                }
            }
        });
    }

    /// <summary>The images with the greatest numbers.</summary>
    private sealed class Kept(int most)
    {
        private readonly List<(double Number, ImageAnswer Image)> _entries = [];

        public IReadOnlyList<ImageAnswer> Images => [.. _entries.Select(entry => entry.Image)];

        public void Offer(double number, ImageAnswer image)
        {
            int place = _entries.FindIndex(other => number > other.Number || (number == other.Number && image.Index < other.Image.Index));
            place = place < 0 ? _entries.Count : place;
            if (place >= most)
            {
                return;
            }

            _entries.Insert(place, (number, image));
            if (_entries.Count > most)
            {
                _entries.RemoveAt(most);
            }
        }
    }
}
