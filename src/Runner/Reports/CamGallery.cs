using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Reports;

/// <summary>The images of one or more folders that <c>gpucam cam</c> wrote; every method and layer is a place on the axis.</summary>
internal sealed class CamGallery
{
    private const int MaxItems = 400;
    private readonly List<AxisEntry> _axis = [];
    private readonly List<GalleryImage> _images = [];
    private readonly List<Item> _items = [];
    private float _boxThreshold = MapComponents.PaperShare;
    private long _text;
    private int _leftOut;
    private int _doubles;

    /// <summary>The model of the folder read last.</summary>
    public string? Model { get; private set; }

    /// <summary>What was left out.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. _leftOut == 0 ? [] : (string[])[$"{_leftOut} more maps are in the folder, but not in this page."],
        .. _doubles == 0
            ? []
            : (string[])[$"{_doubles} maps are left out: the page has others of the same image, class, method and layer."],
    ];

    /// <summary>Adds the maps that a manifest names.</summary>
    /// <exception cref="GpuCamException">It is damaged, or a file that it names is missing or damaged.</exception>
    public void Add(string manifestFile)
    {
        var manifest = Manifest.Read(manifestFile);
        string root = Path.GetDirectoryName(Path.GetFullPath(manifestFile))!;
        Model = manifest.Model;
        _boxThreshold = manifest.BoxThreshold ?? MapComponents.PaperShare;
        string resize = manifest.Resize ?? "half-pixel";
        ImageBackground background = OptionNames.Background.Parse(manifest.Background ?? "light");
        foreach (ManifestImage image in manifest.Images)
        {
            if (_items.Count >= MaxItems || _text > RunGallery.MaxMapText)
            {
                _leftOut += image.Maps.Count;
                continue;
            }

            AddImage(image, manifest, root, resize, background);
        }
    }

    /// <summary>All that was added; null when there is no map.</summary>
    public GalleryData? Data() =>
        _items.Count == 0 ? null : new GalleryData(_boxThreshold, _axis, _images, [.. _items.Select(item => new GalleryItem(
        item.Image, item.Class, item.Box, [.. Enumerable.Range(0, _axis.Count).Select(i => item.Frames.GetValueOrDefault(i))]))]);

    private void AddImage(ManifestImage image, Manifest manifest, string root, string resize, ImageBackground background)
    {
        GalleryImage picture = GalleryFrames.ReadImage(Inside(root, image.Input), image.File, background);
        int index = _images.FindIndex(known => known == picture);
        if (index < 0)
        {
            index = _images.Count;
            _images.Add(picture);
        }

        var reader = new GalleryFrames(picture.Width, picture.Height, OptionNames.Resize.Parse(resize), _boxThreshold);
        foreach (ManifestMap map in image.Maps)
        {
            var place = new AxisEntry(resize, Method: map.Method ?? manifest.Method ?? "cam", Layer: map.Layer ?? manifest.Layer ?? "");
            int at = _axis.IndexOf(place);
            if (at < 0)
            {
                at = _axis.Count;
                _axis.Add(place);
            }

            GalleryFrame frame = reader.Read(Inside(root, map.Raw), image.Box);
            frame = frame with
            {
                // The manifest speaks of the map as it is drawn, after the ReLU of a method that has one.
                Note = map.State is null or MapState.Normal ? null : map.Explanation ?? frame.Note,
                Box = GalleryFrame.Corners(map.Box),
                Iou = image.Box is { } truth ? map.Box?.IntersectionOverUnion(truth) ?? 0 : null,
                Rectified = map.Rectified,
                Predicted = image.Predictions.Count > 0 ? image.Predictions[0].Shown : null,
                Probability = image.Predictions.FirstOrDefault(p => p.Shown == map.Shown)?.Probability,
            };
            Dictionary<int, GalleryFrame> frames = ItemOf(index, map.Shown, image.Box).Frames;
            if (frames.TryAdd(at, frame))
            {
                _text += frame.Map.Q?.Length ?? 0;
            }
            else if (frames[at].Map != frame.Map)
            {
                _doubles++;
            }
        }
    }

    private Item ItemOf(int image, string name, Box? box)
    {
        Item? item = _items.Find(known => known.Image == image && known.Class == name);
        if (item is null)
        {
            _items.Add(item = new Item(image, name, GalleryFrame.Corners(box), []));
        }

        return item;
    }

    /// <summary>A manifest may come from elsewhere; it must not reach for files outside its folder.</summary>
    private static string Inside(string root, string path)
    {
        string full = path.Contains('\0', StringComparison.Ordinal) ? "" : Path.GetFullPath(Path.Combine(root, path));
        return full.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new GpuCamException(
                $"{Path.Combine(root, "manifest.json")}: {path} lies outside its folder; draw the maps again with gpucam cam");
    }

    private sealed record Item(int Image, string Class, IReadOnlyList<int>? Box, Dictionary<int, GalleryFrame> Frames);

    /// <summary>What a page needs of a manifest; a map's own method and layer go before the manifest's.</summary>
    private sealed record Manifest(
        string Format, string? Model, string? Method, string? Layer, string? Resize, float? BoxThreshold, string? Background,
        IReadOnlyList<ManifestImage> Images)
    {
        public static Manifest Read(string path)
        {
            try
            {
                Manifest manifest = RunnerJson.Read<Manifest>(File.ReadAllText(path));
                if (manifest.Images is null || !manifest.Images.All(image => image is { IsWhole: true }))
                {
                    throw new JsonException("it lacks a file or a class");
                }

                return manifest.Format == CamManifest.CurrentFormat
                    ? manifest
                    : throw new GpuCamException(
                        $"{path}: format '{manifest.Format}' is not {CamManifest.CurrentFormat}; use the version of gpucam that wrote it");
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                throw new GpuCamException(
                    $"{path}: is no manifest of maps ({e.Message.Split(" Path:")[0].TrimEnd('.')}); draw them again with gpucam cam", e);
            }
        }
    }

    private sealed record ManifestImage(
        string File, string Input, Box? Box, IReadOnlyList<ManifestPrediction> Predictions, IReadOnlyList<ManifestMap> Maps)
    {
        /// <summary>The reader lets a missing name pass as null.</summary>
        public bool IsWhole => File is not null && Input is not null && Predictions is not null && Maps is not null
            && Predictions.All(prediction => prediction is { Class: not null })
            && Maps.All(map => map is { Class: not null, Raw: not null });
    }

    private sealed record ManifestPrediction(string Class, string? Label, double Probability)
    {
        /// <summary>What tells the class from all others; manifests of earlier versions have the name alone.</summary>
        public string Shown => Label ?? Class;
    }

    private sealed record ManifestMap(string Class, string? Label, string? Method, string? Layer, string Raw, MapState? State,
        string? Explanation, Box? Box, bool? Rectified)
    {
        public string Shown => Label ?? Class;
    }
}
