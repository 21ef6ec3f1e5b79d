using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Cams;

/// <summary>
/// Draws the class activation maps of image files: for each image a folder with an overlay and a raw map per class, method and layer,
/// and a montage.
/// </summary>
internal sealed class CamDrawing : IDisposable
{
    private readonly Network _network;
    private readonly CamOptions _options;
    private readonly Classifier _classifier;
    private readonly CamEngine _engine;
    private readonly CamRequest[] _requests;
    private readonly MapComponents _components = new();

    /// <param name="network">Somebody else's.</param>
    /// <param name="options">What to draw.</param>
    /// <param name="report">Gets a line for each method and layer that do not go together.</param>
    /// <param name="progress">Hears how many of how many copies of an image a method has scored.</param>
    public CamDrawing(Network network, CamOptions options, Action<string> report, Action<int, int>? progress = null)
    {
        _network = network;
        _options = options;
        _classifier = new Classifier(network);
        _engine = new CamEngine(network, options.Resize) { Progress = progress };
        _requests = CamRequest.All(options.Maps, _engine, report);
    }

    private IReadOnlyList<string> ClassNames => _network.Config.ClassNames;

    /// <summary>Reads all images first, so that a bad one stops the command before anything is written.</summary>
    public CamManifest DrawAll(IReadOnlyList<string> files, string model)
    {
        Image8[] images = [.. files.Select(Read)];
        int[][] wanted = [.. files.Select(file => (int[])[.. _options.Classes.Select(name => WantedClass(name, file))])];
        string[] folders = FolderNames(files);
        CamImage[] drawn = [.. images.Select((image, i) => Draw(image, files[i], folders[i], wanted[i]))];
        var manifest = new CamManifest(
            CamManifest.CurrentFormat, model, Listed(request => request.Method.Name), Listed(request => request.Layer),
            OptionNames.Resize.NameOf(_options.Resize), _options.BoxThreshold, drawn, MapSettings.Of(_options.Maps),
            OptionNames.Background.NameOf(_options.Background));
        AtomicFile.WriteAllText(Path.Combine(_options.Output, "manifest.json"), RunnerJson.Pretty(manifest) + "\n");
        return manifest;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
    }

    private string Listed(Func<CamRequest, string> part) => string.Join(',', _requests.Select(part).Distinct());

    private static string[] FolderNames(IReadOnlyList<string> files)
    {
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. files.Select(file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string unique = name;
            for (int i = 2; !used.Add(unique); i++) { unique = $"{name}-{i}"; } return unique;
        })];
    }

    private Image8 Read(string file)
    {
        Image8 image = ImageReader.ReadFile(file, _options.Orientation);
        int size = _network.Config.Size;
        return image.Width == size && image.Height == size
            ? image
            : throw new GpuCamException($"{file}: the image is {image.Width}x{image.Height}, this network takes {size}x{size}; scale the "
                + "image, or give the model's --size");
    }

    private CamImage Draw(Image8 image, string file, string folder, int[] wanted)
    {
        int size = _network.Config.Size;
        float[] pixels = new float[size * size * _network.Config.Channels];
        image.ToFloats(pixels, _network.Config.Channels);
        float[] logits = _classifier.Logits(pixels, 1).ToArray();
        if (Array.Exists(logits, logit => !float.IsFinite(logit)))
        {
            throw new GpuCamException(
                $"{file}: the network's outputs for this image are not finite; give a model whose training did not diverge");
        }

        double[] probabilities = Ranking.Softmax(logits);
        int[] ranked = Ranking.Top(logits, Math.Min(_options.Top, logits.Length));
        int[] classes = wanted.Length > 0 ? [.. wanted.Distinct()] : ranked;

        string input = Path.Combine(folder, "input.png");
        Write(input, image);
        var original = new MontageTile(Heatmap.Enlarge(image, Heatmap.ScaleFor(size, 0)), Path.GetFileName(file));
        var tiles = new List<MontageTile>();
        var maps = new List<CamMap>();
        foreach (int index in classes)
        {
            // Several kinds of map are compared in a row per class, which begins with the image; of one kind it is enough once.
            if (_requests.Length > 1 || tiles.Count == 0)
            {
                tiles.Add(original);
            }

            maps.AddRange(_requests.Select(request => DrawMap(image, folder, request, index, probabilities[index], tiles)));
        }

        string montage = Path.Combine(folder, "montage.png");
        Write(montage, Montage.Compose(tiles, _requests.Length > 1 ? _requests.Length + 1 : 0));
        return new CamImage(
            file, input, montage, [.. ranked.Select(c => new CamPrediction(ClassNames[c], probabilities[c], logits[c]))], maps);
    }

    private CamMap DrawMap(Image8 image, string folder, CamRequest request, int index, double probability, List<MontageTile> tiles)
    {
        int size = _network.Config.Size;
        (float[] raw, float[] map) = Maps(request, index);
        MapRange range = MapRange.Of(map), rawRange = MapRange.Of(raw);
        Box? box = range.State == MapState.Normal
            && _components.AboveShareOfMax(map, size, _options.BoxThreshold) is [MapComponent largest, ..] ? largest.Box : null;
        string caption = string.Create(CultureInfo.InvariantCulture,
            $"{(Listed(r => r.Method.Name) == "cam" ? "" : $"{request.Title}: ")}{ClassNames[index]} ({100 * probability:0.0} %)");
        var shown = new HeatmapOptions { Caption = caption, PredictedBox = box, Background = _options.Background };
        Image8 picture = Heatmap.Draw(image, map, shown);
        tiles.Add(new MontageTile(picture));

        string path = Path.Combine(folder, $"{request.FilePrefix}_{FileName(ClassNames[index], index)}");
        Write(path + ".png", picture);
        Npy.WriteFile(Path.Combine(_options.Output, path + ".npy"), raw, [size, size]);
        bool finite = rawRange.State != MapState.NonFinite;
        return new CamMap(
            ClassNames[index], request.Method.Name, request.Layer, path + ".png", path + ".npy", finite ? rawRange.Minimum : null,
            finite ? rawRange.Maximum : null, request.Method.Rectifies, range.State, range.Explanation, box);
    }

    /// <summary>The map of the image that the network saw last, raw and as it is shown; a map of several layers has no raw form.</summary>
    private (float[] Raw, float[] Shown) Maps(CamRequest request, int index)
    {
        if (request.Layers.Count > 1 && request.Method.Scope != CamScope.WholeNetwork)
        {
            float[] mean = _engine.MapToImage(request.Method, request.Layers, [index]).ToArray();
            return (mean, mean);
        }

        Tensor map = _engine.Map(request.Method, request.Layers[0], [index]);
        float[] raw = _engine.Enlarge(map, rectify: false).ToArray();
        return (raw, request.Method.Rectifies ? _engine.Enlarge(map, rectify: true).ToArray() : raw);
    }

    /// <summary>The class name where it can be part of a file name, else the class's number.</summary>
    private static string FileName(string className, int index) =>
        className.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && className.Length > 0
            ? className
            : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The class of that name or number.</summary>
    internal static int ClassIndex(IReadOnlyList<string> classNames, string name)
    {
        for (int i = 0; i < classNames.Count; i++)
        {
            if (classNames[i] == name)
            {
                return i;
            }
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < classNames.Count
            ? index
            : throw new GpuCamException($"--class {name} is not known; this network has {string.Join(", ", classNames)}");
    }

    private int WantedClass(string name, string file) =>
        name == CamOptions.TrueClass && !ClassNames.Contains(name) ? TrueClass(file) : ClassIndex(ClassNames, name);

    private int TrueClass(string file) => ImageFolderTables.LabelOf(file) switch
    {
        null => throw new GpuCamException($"--class {CamOptions.TrueClass}: the class of {file} is not known; give an img_N.png with a "
            + $"row in a {ImageFolderTables.Labels} beside it"),
        { } label => ImageFolderTables.ClassOf(label, ClassNames) ?? throw new GpuCamException(
            $"--class {CamOptions.TrueClass}: {file} has label {label}, this network has {ClassNames.Count} classes"),
    };

    private void Write(string path, Image8 image) =>
        PngWriter.WriteFile(Path.Combine(_options.Output, path), image);
}
