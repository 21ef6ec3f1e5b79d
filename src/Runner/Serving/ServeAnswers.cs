using GpuCam.Model;

namespace GpuCam.Runner.Serving;

/// <summary>What <c>/api/model</c> says.</summary>
internal sealed record ModelAnswer(
    string Name, Extents Input, IReadOnlyList<string> Classes, IReadOnlyList<LayerAnswer> Layers, string DefaultLayer,
    IReadOnlyList<MethodAnswer> Methods, string DefaultMethod, IReadOnlyList<string> Smoothings, LimitsAnswer Limits);

/// <summary>A size.</summary>
internal sealed record Extents(int Width, int Height, int Channels);

/// <summary>A value that can be mapped.</summary>
internal sealed record LayerAnswer(string Name, int Width, int Height, int Channels);

/// <summary>A way to make a map.</summary>
internal sealed record MethodAnswer(string Name, string Description, CamNeeds Needs, CamScope Scope);

/// <summary>The largest picture: bytes of its file, and its pixels.</summary>
internal sealed record LimitsAnswer(int Bytes, int Pixels);

/// <summary>What <c>/api/explain</c> says. Corners are pixels of the whole picture, those of <c>Shown</c> pixels of the input.</summary>
internal sealed record ExplainAnswer(
    PictureAnswer Picture, Corners Seen, Corners Shown, IReadOnlyList<PredictionAnswer> Predictions, MapAnswer Map, Corners? Box,
    Milliseconds Milliseconds);

/// <summary>The picture, upright, and the part of it that was asked for.</summary>
internal sealed record PictureAnswer(int Width, int Height, Crop? Crop);

/// <summary>A part of a picture, in its own pixels.</summary>
internal sealed record Crop(int X, int Y, int Width, int Height);

/// <summary>A box; both corners belong to it.</summary>
internal sealed record Corners(int X0, int Y0, int X1, int Y1)
{
    public static Corners Of(Box box, Crop? crop = null)
    {
        (int x, int y) = (crop?.X ?? 0, crop?.Y ?? 0);
        return new Corners(box.X0 + x, box.Y0 + y, box.X1 + x, box.Y1 + y);
    }
}

/// <summary>A class, and what the network says of it.</summary>
internal sealed record PredictionAnswer(int Index, string Class, double Probability, double Logit);

/// <summary>A map on the network's input. Neither minimum nor maximum where it is not finite.</summary>
/// <param name="Index">Of the class.</param>
/// <param name="Class">Its name.</param>
/// <param name="Method">How it was made.</param>
/// <param name="Layer">Of what, joined by +; <c>all</c> where the method looks at the whole network.</param>
/// <param name="Smoothing">How it was made less noisy.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Values">Row by row, float32, little-endian.</param>
/// <param name="Minimum">Least value.</param>
/// <param name="Maximum">Greatest value.</param>
/// <param name="State">What can be said of it.</param>
/// <param name="Explanation">The same in words, where it says nothing of where.</param>
internal sealed record MapAnswer(
    int Index, string Class, string Method, string Layer, string Smoothing, int Width, int Height, byte[] Values, float? Minimum,
    float? Maximum, MapState State, string? Explanation);

/// <summary>What took how long: from file to pixels, to the predictions, to the map.</summary>
internal sealed record Milliseconds(double Decode, double Network, double Map);

/// <summary>What is said where there is no answer.</summary>
internal sealed record ErrorAnswer(string Error);
