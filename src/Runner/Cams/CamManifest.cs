using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>
/// What <c>gpucam cam</c> made: <c>manifest.json</c>, written last, so that it exists only when everything it names does. Method and
/// layer are those of all maps, with commas between; the settings, the background and how the device rounded factors are absent in
/// manifests of earlier versions, and what was refused where nothing was.
/// </summary>
internal sealed record CamManifest(string Format, string Model, string Method, string Layer, string Resize, float BoxThreshold,
    IReadOnlyList<CamImage> Images, MapSettings? Settings = null, string? Background = null, IReadOnlyList<CamRefusal>? Refused = null,
    string? Precision = null)
{
    public const string CurrentFormat = "gpucam-cams/2";
}

/// <summary>
/// One image: its predictions, best first, and the maps drawn of it. Paths are relative to the manifest. There are more montages where
/// one cannot hold all maps, and none where none was asked for.
/// </summary>
/// <param name="File">The picture, as it was named.</param>
/// <param name="Input">A copy to draw on: upright, and no larger than a screen.</param>
/// <param name="Width">Columns of the picture itself, upright.</param>
/// <param name="Height">Rows of it.</param>
/// <param name="Seen">The part of it that the network saw, in its own pixels (inclusive): maps cover this part and no other.</param>
/// <param name="Truth">Name of its true class, where that is known.</param>
/// <param name="Montage">All maps side by side.</param>
/// <param name="MoreMontages">The rest of them.</param>
/// <param name="Predictions">Best first.</param>
/// <param name="Maps">One per class, method and layer.</param>
/// <param name="Shown">
/// The part of the network's input that shows the picture, in pixels of the input, where the rest is padding; null where all of it does.
/// </param>
internal sealed record CamImage(
    string File, string Input, int Width, int Height, Box Seen, string? Truth, string? Montage, IReadOnlyList<string>? MoreMontages,
    IReadOnlyList<CamPrediction> Predictions, IReadOnlyList<CamMap> Maps, Box? Shown = null);

/// <summary>An image of which nothing was drawn, and why.</summary>
internal sealed record CamRefusal(string File, string Reason);

/// <summary>
/// A class, its number, what to call it where the name is not enough (two classes may have one), and the probability the network gives it.
/// </summary>
internal sealed record CamPrediction(string Class, int Index, string? Label, double Probability, double Logit);

/// <summary>
/// A map of one class (name, number and label as in a prediction): how it was made, picture, raw values (before any ReLU), their least
/// and greatest, whether what is shown went through a ReLU, the state of that, what is wrong with it if anything, and the box around its
/// strongest part (inclusive pixels of the picture itself), absent where there is none. Raw values lie on the network's input, [rows,
/// columns] of it: stretched, without padding, over the part of the picture that it saw.
/// </summary>
internal sealed record CamMap(
    string Class, int Index, string? Label, string Method, string Layer, string Overlay, string Raw, float? Minimum, float? Maximum,
    bool Rectified, MapState State, string? Explanation, Box? Box);
