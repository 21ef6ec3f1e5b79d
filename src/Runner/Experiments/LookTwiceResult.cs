using GpuCam.Model;

namespace GpuCam.Runner.Experiments;

/// <summary>How the second look is taken.</summary>
/// <param name="BoxThreshold">The box holds what is above this share of the map's maximum.</param>
/// <param name="Margin">Pixels of the network's input added around a box.</param>
/// <param name="Canvas">Columns of the canvas that a crop is put on, or of the input that it is scaled to.</param>
/// <param name="CanvasHeight">Its rows; absent where it is square.</param>
internal sealed record LookTwiceOptions(float BoxThreshold, int Margin, int Canvas, int? CanvasHeight = null);

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

    /// <summary>The shares of images.</summary>
    /// <param name="answers">Images in their order.</param>
    /// <param name="options">How the second look was taken.</param>
    /// <param name="precision">How the device rounded factors.</param>
    /// <param name="sameNetwork">Whether one network took both looks.</param>
    public static LookTwiceResult Of(
        IReadOnlyList<LookTwiceAnswer> answers, LookTwiceOptions options, string precision, bool sameNetwork)
    {
        int boxed = answers.Count(answer => answer.Iou is not null);
        return new LookTwiceResult
        {
            Images = answers.Count,
            Options = options,
            Precision = precision,
            Whole = Share(answer => answer.Whole),
            WholeSecond = sameNetwork ? null : Share(answer => answer.WholeSecond),
            CamCrop = Share(answer => answer.CamCrop),
            TrueCrop = OfBoxed(answer => answer.TrueCrop ? 1 : 0),
            BoxImages = boxed == answers.Count ? null : boxed,
            Both = Share(answer => answer.Both),
            Repaired = Share(answer => !answer.Whole && answer.CamCrop),
            Spoilt = Share(answer => answer.Whole && !answer.CamCrop),
            MeanIou = OfBoxed(answer => answer.Iou!.Value),
            WholeDigit = OfBoxed(answer => answer.WholeDigit ? 1 : 0),
            NoBox = answers.Count(answer => answer.NoBox),
        };

        double Share(Func<LookTwiceAnswer, bool> has) => (double)answers.Count(has) / Math.Max(1, answers.Count);

        double? OfBoxed(Func<LookTwiceAnswer, double> value) =>
            boxed == 0 ? null : answers.Where(answer => answer.Iou is not null).Sum(value) / boxed;
    }
}

/// <summary>What two looks found of an image.</summary>
/// <param name="Whole">Whether the answer for the whole image is right.</param>
/// <param name="WholeSecond">That of the network that takes the second look.</param>
/// <param name="CamCrop">That for the crop around the map.</param>
/// <param name="TrueCrop">That for the crop around the true box; nothing where there is none.</param>
/// <param name="Both">That of both looks together.</param>
/// <param name="Iou">Intersection over union of the map's box and the true one; null where there is none.</param>
/// <param name="WholeDigit">Whether the true box lies in the crop.</param>
/// <param name="NoBox">Whether the map gave no box.</param>
internal readonly record struct LookTwiceAnswer(
    bool Whole, bool WholeSecond, bool CamCrop, bool TrueCrop, bool Both, double? Iou, bool WholeDigit, bool NoBox)
{
    /// <summary>That of an image.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="whole">Logits for the whole image.</param>
    /// <param name="wholeSecond">Those of the network that takes the second look.</param>
    /// <param name="camCrop">Those for the crop around the map.</param>
    /// <param name="trueCrop">Those for the crop around the true box.</param>
    /// <param name="boxes">The map's box, the crop around it, and the true box.</param>
    public static LookTwiceAnswer Of(
        int label, ReadOnlySpan<float> whole, ReadOnlySpan<float> wholeSecond, ReadOnlySpan<float> camCrop, ReadOnlySpan<float> trueCrop,
        (Box? Found, Box Crop, Box? Truth) boxes)
    {
        // The product of two softmaxes is the largest where the sum of the logits is.
        float[] sum = new float[whole.Length];
        for (int c = 0; c < sum.Length; c++)
        {
            sum[c] = whole[c] + camCrop[c];
        }

        return new LookTwiceAnswer(
            Ranking.IndexOfMax(whole) == label, Ranking.IndexOfMax(wholeSecond) == label, Ranking.IndexOfMax(camCrop) == label,
            Ranking.IndexOfMax(trueCrop) == label, Ranking.IndexOfMax(sum) == label,
            boxes.Truth is { } truth ? boxes.Found?.IntersectionOverUnion(truth) ?? 0 : null,
            boxes.Truth is { } box && boxes.Crop.Contains(box.X0, box.Y0) && boxes.Crop.Contains(box.X1, box.Y1), boxes.Found is null);
    }
}
