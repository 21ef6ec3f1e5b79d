namespace GpuCam.Model;

/// <summary>How well the largest component's boxes at one threshold meet the true boxes; shares of all images.</summary>
/// <param name="Threshold">The share of the maximum (paper) or the normalised value (sweep) that pixels must exceed.</param>
/// <param name="GtKnown50">IoU of at least 0.5 with the map of the true class.</param>
/// <param name="GtKnown30">IoU of at least 0.3.</param>
/// <param name="GtKnown70">IoU of at least 0.7.</param>
/// <param name="Top1">
/// IoU of at least 0.5, and the predicted class is right; 1 minus it is the top-1 localisation error. Absent, as the following, where
/// nothing was predicted.
/// </param>
/// <param name="Top5">IoU of at least 0.5, and the true class is among the first five; 1 minus it is the top-5 localisation error.</param>
/// <param name="Heuristic">
/// IoU of at least 0.5 with one of the boxes that <see cref="BoxHeuristic"/> gives to the true class; 1 minus it is the error with
/// that heuristic. Absent where it was not measured at this threshold.
/// </param>
public readonly record struct LocalisationScore(
    double Threshold, double GtKnown50, double GtKnown30, double GtKnown70, double? Top1, double? Top5, double? Heuristic);

/// <summary>A threshold, and the share of images that have any component whose IoU meets a limit there.</summary>
public readonly record struct AnyBoxScore(double Threshold, double Share);

/// <summary>MaxBoxAccV2 (arXiv 2007.04178): any component counts, for three limits of IoU, each with a threshold of its own.</summary>
public readonly record struct AnyBoxScores(AnyBoxScore Iou30, AnyBoxScore Iou50, AnyBoxScore Iou70)
{
    /// <summary>The mean of the three shares.</summary>
    public double Mean => (Iou30.Share + Iou50.Share + Iou70.Share) / 3;
}

/// <summary>Thresholds of a sweep that were best on other images (a validation split), as places in the sweep.</summary>
/// <param name="Box">For the largest component's box at IoU 0.5.</param>
/// <param name="Any30">For any component at IoU 0.3.</param>
/// <param name="Any50">For any component at IoU 0.5.</param>
/// <param name="Any70">For any component at IoU 0.7.</param>
public sealed record ChosenThresholds(int Box, int Any30, int Any50, int Any70);

/// <summary>What was found in one picture.</summary>
/// <param name="Chosen">The box of the largest part at the threshold that was chosen; null where none was, or no part is there.</param>
/// <param name="Paper">The same at the paper's threshold.</param>
public readonly record struct FoundBoxes(Box? Chosen, Box? Paper);

/// <summary>Pixels of a picture that a map has no value for, since the network did not see them.</summary>
/// <param name="Hits">How many of them are the object's.</param>
/// <param name="Others">How many are not; without those that do not count.</param>
public readonly record struct UnseenPixels(long Hits, long Others);

/// <summary>Localisation figures of a data set.</summary>
public sealed record LocalisationResult
{
    /// <summary>Images with a true box; all figures but the precision of pixels are of them.</summary>
    public required long Count { get; init; }

    /// <summary>Images whose map has one value everywhere: misses in every figure of boxes.</summary>
    public required long Constant { get; init; }

    /// <summary>Images whose map is not finite: misses as well.</summary>
    public required long NonFinite { get; init; }

    /// <summary>Images whose map varies but is nowhere above 0: misses by the paper's rule, not in the sweep.</summary>
    public required long NonPositive { get; init; }

    /// <summary>At the paper's threshold: a share of the raw map's maximum.</summary>
    public required LocalisationScore Paper { get; init; }

    /// <summary>At the threshold of the sweep that has the best <see cref="LocalisationScore.GtKnown50"/> (MaxBoxAcc).</summary>
    public required LocalisationScore Best50 { get; init; }

    /// <summary>At the threshold of the sweep that has the best <see cref="LocalisationScore.GtKnown30"/>.</summary>
    public required LocalisationScore Best30 { get; init; }

    /// <summary>MaxBoxAccV2: each limit at its best threshold of the sweep.</summary>
    public required AnyBoxScores BestAny { get; init; }

    /// <summary>At the threshold that was chosen on other images; absent when none was.</summary>
    public LocalisationScore? Chosen { get; init; }

    /// <summary><see cref="BestAny"/> at the thresholds that were chosen on other images.</summary>
    public AnyBoxScores? ChosenAny { get; init; }

    /// <summary>Average precision of the pixels of all images in one pool; absent without masks.</summary>
    public required double? PixelAveragePrecision { get; init; }

    /// <summary>Share of images whose map has its maximum inside a true box.</summary>
    public required double PointingGame { get; init; }

    /// <summary>Mean share of the map's positive part that lies inside the true boxes.</summary>
    public required double EnergyPointingGame { get; init; }
}
