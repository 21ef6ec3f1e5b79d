using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>
/// What <c>gpucam cam</c> made: <c>manifest.json</c>, written last, so that it exists only when everything it names does. Method and
/// layer are those of all maps, with commas between; the settings and the background are absent in manifests of earlier versions, and
/// what was refused where nothing was.
/// </summary>
internal sealed record CamManifest(string Format, string Model, string Method, string Layer, string Resize, float BoxThreshold,
    IReadOnlyList<CamImage> Images, MapSettings? Settings = null, string? Background = null, IReadOnlyList<CamRefusal>? Refused = null)
{
    public const string CurrentFormat = "gpucam-cams/1";
}

/// <summary>
/// One image: its predictions, best first, and the maps drawn of it. Paths are relative to the manifest. There are more montages where
/// one cannot hold all maps.
/// </summary>
internal sealed record CamImage(
    string File, string Input, string Montage, IReadOnlyList<string>? MoreMontages, IReadOnlyList<CamPrediction> Predictions,
    IReadOnlyList<CamMap> Maps);

/// <summary>An image of which nothing was drawn, and why.</summary>
internal sealed record CamRefusal(string File, string Reason);

/// <summary>
/// A class, its number, what to call it where the name is not enough (two classes may have one), and the probability the network gives it.
/// </summary>
internal sealed record CamPrediction(string Class, int Index, string? Label, double Probability, double Logit);

/// <summary>
/// A map of one class (name, number and label as in a prediction): how it was made, picture, raw values (before any ReLU), their least
/// and greatest, whether what is shown went through a ReLU, the state of that, what is wrong with it if anything, and the box around its
/// strongest part (inclusive pixels), absent where there is none.
/// </summary>
internal sealed record CamMap(
    string Class, int Index, string? Label, string Method, string Layer, string Overlay, string Raw, float? Minimum, float? Maximum,
    bool Rectified, MapState State, string? Explanation, Box? Box);
