using System.Collections.Concurrent;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.Runner.Reports;

/// <summary>The images of one or more folders that <c>gpucam cam</c> wrote; every method and layer is a place on the axis.</summary>
internal sealed class CamGallery
{
    // What a browser opens in a second or two: pictures and maps are text within the page.
    private const int MaxImages = 1000, MaxItems = 5000, MaxAnswers = 10, NamedRefusals = 3;
    private const long MaxPictureText = 48_000_000;

    // Few pictures may be as large as the manifest's copies of them.
    private const int FewImages = 100, SideOfFew = 640, SideOfMany = 320;

    // Read at once: what turns out to be too much is at most this.
    private const int Batch = 64;

    // A layer's maps have at most this many values a side, where the network's input is larger than most layers of a small one.
    private const int SmallInput = 128, MostOfLarge = 56;

    private readonly List<AxisEntry> _axis = [];
    private readonly List<GalleryImage> _images = [];
    private readonly Dictionary<(string Name, string Picture, bool Inverted, int? Columns, int? Rows, Box? Seen), int> _known = [];
    private readonly List<Item> _items = [];
    private readonly Dictionary<(int Image, string Class), Item> _itemOf = [];
    private readonly List<string> _refused = [];
    private float _boxThreshold = MapComponents.PaperShare;
    private long _mapText, _pictureText;
    private int _leftOut, _imagesLeftOut, _doubles;

    /// <summary>The manifest of the folder read last.</summary>
    public GalleryManifest? Manifest { get; private set; }

    /// <summary>What was left out.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. _leftOut == 0
            ? []
            : (string[])[$"{_leftOut} more maps, of {_imagesLeftOut} images, are in the folder, but not in this page."],
        .. _doubles == 0
            ? []
            : (string[])[$"{_doubles} maps are left out: the page has others of the same image, class, method and layer."],
        .. _refused,
    ];

    private bool IsFull => _images.Count >= MaxImages || _items.Count >= MaxItems || _mapText > RunGallery.MaxMapText
        || _pictureText > MaxPictureText;

    /// <summary>Adds the maps that a manifest names; files are read on all cores.</summary>
    /// <exception cref="GpuCamException">It is damaged, or a file that it names is missing or damaged.</exception>
    public void Add(string manifestFile) =>
        Add(GalleryManifest.Read(manifestFile), Path.GetDirectoryName(Path.GetFullPath(manifestFile))!);

    /// <summary>Adds the maps of a manifest, whose files lie in the folder <paramref name="root"/>, a full path.</summary>
    /// <exception cref="GpuCamException">A file that it names is missing or damaged.</exception>
    public void Add(GalleryManifest manifest, string root)
    {
        Manifest = manifest;
        _boxThreshold = manifest.BoxThreshold ?? MapComponents.PaperShare;
        NoteRefused(manifest);
        var reader = new Reader(manifest, root, manifest.Images.Count <= FewImages ? SideOfFew : SideOfMany);
        foreach (ManifestImage[] batch in manifest.Images.Where(image => image.Maps.Count > 0).Chunk(Batch))
        {
            var read = new ReadImage[batch.Length];
            if (!IsFull)
            {
                AllCores.For(batch.Length, i => read[i] = reader.Read(batch[i]));
            }

            for (int i = 0; i < batch.Length; i++)
            {
                if (IsFull)
                {
                    _imagesLeftOut++;
                    _leftOut += batch[i].Maps.Count;
                    continue;
                }

                AddImage(batch[i], read[i], manifest);
            }
        }
    }

    /// <summary>All that was added; null when there is no map.</summary>
    public GalleryData? Data() =>
        _items.Count == 0 ? null : new GalleryData(_boxThreshold, _axis, _images, [.. _items.Select(item => new GalleryItem(
        item.Image, item.Class, null, [.. Enumerable.Range(0, _axis.Count).Select(i => item.Frames.GetValueOrDefault(i))]))]);

    private void AddImage(ManifestImage image, ReadImage read, GalleryManifest manifest)
    {
        GalleryImage picture = read.Picture;
        (string, string, bool, int?, int?, Box?) key =
            (picture.Name, picture.Picture, picture.Inverted, picture.Columns, picture.Rows, image.Seen);
        if (!_known.TryGetValue(key, out int index))
        {
            _known.Add(key, index = _images.Count);
            _images.Add(picture);
            _pictureText += picture.Picture.Length;
        }

        for (int i = 0; i < image.Maps.Count; i++)
        {
            ManifestMap map = image.Maps[i];
            var place = new AxisEntry(
                manifest.Resize ?? "half-pixel", Method: map.Method ?? manifest.Method ?? "cam", Layer: map.Layer ?? manifest.Layer ?? "");
            int at = _axis.IndexOf(place);
            if (at < 0)
            {
                at = _axis.Count;
                _axis.Add(place);
            }

            GalleryFrame frame = read.Frames[i];
            Dictionary<int, GalleryFrame> frames = ItemOf(index, map.Shown).Frames;
            if (frames.TryAdd(at, frame))
            {
                _mapText += frame.Map.Q?.Length ?? 0;
            }
            else if (frames[at].Map != frame.Map)
            {
                _doubles++;
            }
        }
    }

    private Item ItemOf(int image, string name)
    {
        if (!_itemOf.TryGetValue((image, name), out Item? item))
        {
            _itemOf.Add((image, name), item = new Item(image, name, []));
            _items.Add(item);
        }

        return item;
    }

    private void NoteRefused(GalleryManifest manifest)
    {
        if (manifest.Refused is { Count: > 0 } refused)
        {
            string names = string.Join(", ", refused.Take(NamedRefusals).Select(refusal => refusal.File));
            _refused.Add($"Not drawn: {names}{(refused.Count > NamedRefusals ? $" and {refused.Count - NamedRefusals} more" : "")}; the "
                + "manifest has the reasons.");
        }
    }

    private sealed record Item(int Image, string Class, Dictionary<int, GalleryFrame> Frames);

    /// <summary>A picture and its maps, as the page holds them.</summary>
    private sealed record ReadImage(GalleryImage Picture, IReadOnlyList<GalleryFrame> Frames);

    /// <summary>Reads the files of images; for any thread.</summary>
    private sealed class Reader(GalleryManifest manifest, string root, int side)
    {
        private readonly ResizeMode _resize = OptionNames.Resize.Parse(manifest.Resize ?? "half-pixel");
        private readonly bool _inverted = OptionNames.Background.Parse(manifest.Background ?? "light") == ImageBackground.Dark;
        private readonly ConcurrentDictionary<(int Rows, int Columns), ConcurrentBag<MapPacker>> _packers = [];

        public ReadImage Read(ManifestImage image)
        {
            var picture = GalleryPicture.Within(Inside(image.Input), side);
            (int Rows, int Columns)? size = null;
            var frames = new GalleryFrame[image.Maps.Count];
            for (int i = 0; i < frames.Length; i++)
            {
                string path = Inside(image.Maps[i].Raw);
                (float[] values, int[] shape) = Npy.ReadFile(path);
                if (shape is not [> 0 and int rows, > 0 and int columns] || (size is { } known && known != (rows, columns)))
                {
                    throw new GpuCamException($"{path}: a map of shape ({string.Join(", ", shape)}) beside "
                        + (size is { } others ? $"others of ({others.Rows}, {others.Columns})" : "an image")
                        + "; the files are of different runs");
                }

                size = (rows, columns);
                values = WithoutPadding(values, rows, columns, image.Shown, path);
                Box shown = image.Shown ?? new Box(0, 0, columns - 1, rows - 1);
                frames[i] = Frame(image, image.Maps[i], Pack(values, shown.Height, shown.Width), values);
            }

            return new ReadImage(
                new GalleryImage(image.File, image.Width, image.Height, picture.Text, picture.Type, _inverted)
                {
                    Columns = image.Shown?.Width ?? size!.Value.Columns,
                    Rows = image.Shown?.Height ?? size!.Value.Rows,
                    Seen = image.Seen == new Box(0, 0, image.Width - 1, image.Height - 1) ? null : GalleryFrame.Corners(image.Seen),
                    Truth = image.Truth,
                    Answers = [.. image.Predictions.Take(MaxAnswers).Select(p => new GalleryAnswer(p.Shown, p.Probability))],
                },
                frames);
        }

        /// <summary>What lies over the picture; padding is part of the input and of no picture.</summary>
        private static float[] WithoutPadding(float[] values, int rows, int columns, Box? shown, string path)
        {
            if (shown is not { } part)
            {
                return values;
            }

            if (part.X0 < 0 || part.Y0 < 0 || part.Width < 1 || part.Height < 1 || part.X1 >= columns || part.Y1 >= rows)
            {
                throw new GpuCamException(
                    $"{path}: {part} is no part of a map of {columns} x {rows} values; the files are of different runs");
            }

            float[] kept = new float[part.Area];
            for (int y = 0; y < part.Height; y++)
            {
                values.AsSpan(((part.Y0 + y) * columns) + part.X0, part.Width).CopyTo(kept.AsSpan(y * part.Width));
            }

            return kept;
        }

        private static GalleryFrame Frame(ManifestImage image, ManifestMap map, PackedMap packed, float[] values) => new(
            packed,
            // The manifest speaks of the map as it is drawn, after the ReLU of a method that has one.
            map.State is null or MapState.Normal ? null : map.Explanation ?? MapRange.Of(values).Explanation,
            GalleryFrame.Corners(map.Box), null, image.Predictions.Count > 0 ? image.Predictions[0].Shown : null,
            image.Predictions.FirstOrDefault(p => p.Shown == map.Shown)?.Probability, null, map.Rectified);

        private PackedMap Pack(float[] values, int rows, int columns)
        {
            ConcurrentBag<MapPacker> packers = _packers.GetOrAdd((rows, columns), _ => []);
            if (!packers.TryTake(out MapPacker? packer))
            {
                packer = new MapPacker(columns, rows, _resize, Math.Max(rows, columns) <= SmallInput ? int.MaxValue : MostOfLarge);
            }

            PackedMap packed = packer.Pack(values);
            packers.Add(packer);
            return packed;
        }

        /// <summary>A manifest may come from elsewhere; it must not reach for files outside its folder.</summary>
        private string Inside(string path)
        {
            string full = path.Contains('\0', StringComparison.Ordinal) ? "" : Path.GetFullPath(Path.Combine(root, path));
            return full.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? full
                : throw new GpuCamException(
                    $"{Path.Combine(root, "manifest.json")}: {path} lies outside its folder; draw the maps again with gpucam cam");
        }
    }
}
