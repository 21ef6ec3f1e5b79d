using System.Text.Json.Nodes;
using GpuCam.Model;

namespace GpuCam.Runner.Reports;

/// <summary>What a page shows: the JSON inside it. Parts that there are no files for are absent.</summary>
internal sealed record ReportData
{
    /// <summary>The layout of this record; a later one will have another number.</summary>
    public string Format { get; init; } = "gpucam-report/2";

    /// <summary><c>run</c> or <c>cams</c>.</summary>
    public required string Kind { get; init; }

    public required string Title { get; init; }

    /// <summary>The folder that was read.</summary>
    public required string Folder { get; init; }

    public required DateTimeOffset Written { get; init; }

    /// <summary>The model file, for a page of maps.</summary>
    public string? Model { get; init; }

    /// <summary>How the device rounded factors, for a page of maps; that of a run is among its settings.</summary>
    public string? Precision { get; init; }

    /// <summary><c>run.json</c> as it stands.</summary>
    public JsonNode? Run { get; init; }

    /// <summary>The lines of <c>metrics.jsonl</c>.</summary>
    public IReadOnlyList<JsonNode> Metrics { get; init; } = [];

    /// <summary>The lines of <c>timing.jsonl</c>.</summary>
    public IReadOnlyList<JsonNode> Timing { get; init; } = [];

    /// <summary><c>evaluation.json</c> as it stands.</summary>
    public JsonNode? Evaluation { get; init; }

    /// <summary>Images whose maps follow a slider: the steps of a run, or the methods and layers of a page of maps.</summary>
    public GalleryData? Gallery { get; init; }

    /// <summary>For a run that came to its end: the images that it is worst at.</summary>
    public WorstGallery? Worst { get; init; }

    /// <summary>For a run: maps of several methods or layers, side by side. A page of maps compares those of its gallery.</summary>
    public GalleryData? Comparison { get; init; }

    /// <summary>What was left out, and why: sentences for the reader.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Colour scales: 256 times R, G, B in base64, the same as in the pictures.</summary>
    public IReadOnlyDictionary<string, string> ColorMaps { get; init; } = PageParts.ColorTables;
}

/// <summary>Maps along an axis: the steps of a training, or the methods and layers of one model.</summary>
/// <param name="BoxThreshold">Predicted boxes go around what is above this share of a map's maximum.</param>
/// <param name="Axis">What the frames of every item differ in.</param>
/// <param name="Images">Every picture once.</param>
/// <param name="Items">An image and a class.</param>
internal sealed record GalleryData(
    float BoxThreshold, IReadOnlyList<AxisEntry> Axis, IReadOnlyList<GalleryImage> Images, IReadOnlyList<GalleryItem> Items);

/// <summary>A place on the axis: a step, or a method and a layer; and how its maps were enlarged.</summary>
internal sealed record AxisEntry(string Resize, int? Step = null, string? Method = null, string? Layer = null);

/// <summary>
/// A picture: its size in pixels, and a file to show, which may be smaller; an <paramref name="Inverted"/> one is shown inverted under
/// its maps.
/// </summary>
/// <param name="Name">What it is called.</param>
/// <param name="Width">Columns of the picture itself.</param>
/// <param name="Height">Rows of it.</param>
/// <param name="Picture">The file in base64.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Inverted">Whether light lines on a dark ground are shown dark on light.</param>
internal sealed record GalleryImage(string Name, int Width, int Height, string Picture, string Type, bool Inverted)
{
    /// <summary>Columns of the network's input; those of the picture where they are not given.</summary>
    public int? Columns { get; init; }

    /// <summary>Rows of the network's input.</summary>
    public int? Rows { get; init; }

    /// <summary>The part of the picture that the input showed: x0, y0, x1, y1 in pixels, both corners inside; null for all of it.</summary>
    public IReadOnlyList<int>? Seen { get; init; }

    /// <summary>The true class, where it is known.</summary>
    public string? Truth { get; init; }

    /// <summary>What the network said, best first.</summary>
    public IReadOnlyList<GalleryAnswer>? Answers { get; init; }
}

/// <summary>A class and its probability.</summary>
internal sealed record GalleryAnswer(string Class, double Probability);

/// <summary>Maps of one class over one image.</summary>
/// <param name="Image">Index among the gallery's images.</param>
/// <param name="Class">The class that is mapped.</param>
/// <param name="Box">The true box: x0, y0, x1, y1 in pixels, both corners inside.</param>
/// <param name="Frames">One for each place of the axis; null where there is no map.</param>
internal sealed record GalleryItem(int Image, string Class, IReadOnlyList<int>? Box, IReadOnlyList<GalleryFrame?> Frames);

/// <summary>
/// One map, what the network said, and the box around the map's strongest part with its overlap with the true one.
/// <paramref name="Probability"/> is that of the predicted class; in a page of maps, of the class that is mapped.
/// <paramref name="Note"/> says why a map cannot be shown in colours; a <paramref name="Rectified"/> one is coloured without what is below
/// 0.
/// </summary>
internal sealed record GalleryFrame(PackedMap Map, string? Note, IReadOnlyList<int>? Box, double? Iou, string? Predicted,
    double? Probability, double? Loss, bool? Rectified = null)
{
    /// <summary>A box as a page stores it.</summary>
    public static int[]? Corners(Box? box) => box is { } b ? [b.X0, b.Y0, b.X1, b.Y1] : null;
}
