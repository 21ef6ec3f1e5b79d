using GpuCam.Model;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>What <c>worst/worst.json</c> holds: the images that the last evaluation was worst at, with their maps.</summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Step">The steps trained before it.</param>
/// <param name="Resize">How maps were enlarged to the images.</param>
/// <param name="BoxThreshold">Boxes go around what is above this share of a map's maximum.</param>
/// <param name="Images">Every image once, in the order of the samples.</param>
/// <param name="HighestLoss">Places in <paramref name="Images"/>: the true class got the least probability.</param>
/// <param name="SurestErrors">The same: a wrong class got the highest probability.</param>
/// <param name="LowestIou">The same: the true class's box overlaps the true one least; empty where boxes are unknown.</param>
internal sealed record WorstRecord(
    string Format, int Step, string Resize, float BoxThreshold, IReadOnlyList<WorstImage> Images, IReadOnlyList<int> HighestLoss,
    IReadOnlyList<int> SurestErrors, IReadOnlyList<int> LowestIou)
{
    /// <summary>The format of the file; a later one will have another number.</summary>
    public const string CurrentFormat = "gpucam-worst/1";

    /// <summary>The folder in that of a run.</summary>
    public const string FolderName = "worst";

    /// <summary>The file in that folder.</summary>
    public const string FileName = "worst.json";
}

/// <summary>An image, and what the network said of it.</summary>
/// <param name="Index">Its place among the test samples.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Input">The file of the image as the network sees it.</param>
/// <param name="Class">The true class.</param>
/// <param name="Predicted">The most probable class.</param>
/// <param name="Loss">Softmax cross-entropy.</param>
/// <param name="Box">The true box; absent where it is unknown.</param>
/// <param name="Maps">The map of the true class, and that of the predicted one where it is another.</param>
internal sealed record WorstImage(
    int Index, string Name, int Width, int Height, string Input, string Class, string Predicted, double Loss, Box? Box,
    IReadOnlyList<WorstMap> Maps);

/// <summary>A class's map over such an image.</summary>
/// <param name="Class">The class.</param>
/// <param name="Probability">What it got.</param>
/// <param name="Overlay">The file of the map over the image.</param>
/// <param name="Map">The map itself.</param>
/// <param name="Note">Why it cannot be shown in colours; absent where it can.</param>
/// <param name="Box">The box around its strongest part; absent where there is none.</param>
/// <param name="Iou">That box's overlap with the true one; absent where that is unknown.</param>
internal sealed record WorstMap(
    string Class, double Probability, string Overlay, PackedMap Map, string? Note, Box? Box, double? Iou);
