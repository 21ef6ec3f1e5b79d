using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Reports;

/// <summary>What a page needs of a <see cref="CamManifest"/>; a map's own method and layer go before the manifest's.</summary>
internal sealed record GalleryManifest(
    string Format, string? Model, string? Method, string? Layer, string? Resize, float? BoxThreshold, string? Background,
    IReadOnlyList<ManifestImage> Images, IReadOnlyList<CamRefusal>? Refused, string? Precision)
{
    /// <summary>What a page needs of a manifest that was written just now.</summary>
    public static GalleryManifest Of(CamManifest manifest) => new(
        manifest.Format, manifest.Model, manifest.Method, manifest.Layer, manifest.Resize, manifest.BoxThreshold, manifest.Background,
        [.. manifest.Images.Select(image => new ManifestImage(
            image.File, image.Input, image.Width, image.Height, image.Seen, image.Shown, image.Truth,
            [.. image.Predictions.Select(said => new ManifestPrediction(said.Class, said.Label, said.Probability))],
            [.. image.Maps.Select(map => new ManifestMap(map.Class, map.Label, map.Method, map.Layer, map.Raw, map.State, map.Explanation,
                map.Box, map.Rectified))]))],
        manifest.Refused, manifest.Precision);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="GpuCamException">It is damaged, or of another version.</exception>
    public static GalleryManifest Read(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            string format = RunnerJson.Read<Header>(text).Format;
            if (format != CamManifest.CurrentFormat)
            {
                throw new GpuCamException(
                    $"{path}: format '{format}' is not {CamManifest.CurrentFormat}; use the version of gpucam that wrote it");
            }

            GalleryManifest manifest = RunnerJson.Read<GalleryManifest>(text);
            return manifest.Images is not null && manifest.Images.All(image => image is { IsWhole: true })
                ? manifest
                : throw new JsonException("it lacks a file, a size or a class");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{path}: is no manifest of maps ({e.Message.Split(" Path:")[0].TrimEnd('.')}); draw them again with gpucam cam", e);
        }
    }

    /// <summary>What every version of a manifest begins with.</summary>
    internal sealed record Header(string Format);
}

/// <summary>A picture of a manifest, the part of it that was seen, and what was said of it.</summary>
internal sealed record ManifestImage(
    string File, string Input, int Width, int Height, Box? Seen, Box? Shown, string? Truth,
    IReadOnlyList<ManifestPrediction> Predictions, IReadOnlyList<ManifestMap> Maps)
{
    /// <summary>The reader lets a missing name pass as null.</summary>
    public bool IsWhole => File is not null && Input is not null && Width > 0 && Height > 0
        && Seen is { X0: >= 0, Y0: >= 0 } seen && seen.X1 >= seen.X0 && seen.Y1 >= seen.Y0 && seen.X1 < Width && seen.Y1 < Height
        && Predictions is not null && Maps is not null
        && Predictions.All(prediction => prediction is { Class: not null })
        && Maps.All(map => map is { Class: not null, Raw: not null });
}

/// <summary>A class and its probability.</summary>
internal sealed record ManifestPrediction(string Class, string? Label, double Probability)
{
    /// <summary>What tells the class from all others.</summary>
    public string Shown => Label ?? Class;
}

/// <summary>A map of one class by one method at one layer.</summary>
internal sealed record ManifestMap(string Class, string? Label, string? Method, string? Layer, string Raw, MapState? State,
    string? Explanation, Box? Box, bool? Rectified)
{
    /// <summary>What tells the class from all others.</summary>
    public string Shown => Label ?? Class;
}
