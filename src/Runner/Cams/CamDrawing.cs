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
    private const int MostOfCaption = 200;

    private readonly Execution _network;
    private readonly CamOptions _options;
    private readonly Classifier _classifier;
    private readonly CamEngine _engine;
    private readonly CamRequest[] _requests;
    private readonly ClassTable _classes;
    private readonly MapComponents _components = new();
    private CamFolder? _folder;

    /// <param name="network">Somebody else's.</param>
    /// <param name="options">What to draw.</param>
    /// <param name="report">Gets a line for each method and layer that do not go together.</param>
    /// <param name="progress">Hears how many of how many copies of an image a method has scored.</param>
    public CamDrawing(Execution network, CamOptions options, Action<string> report, Action<int, int>? progress = null)
    {
        _network = network;
        _options = options;
        _classes = new ClassTable(network.Network.ClassNames);
        _classifier = new Classifier(network);
        _engine = new CamEngine(network, options.Resize) { Progress = progress };
        _requests = CamRequest.All(options.Maps, _engine, report);
    }

    private IReadOnlyList<string> ClassNames => _network.Network.ClassNames;

    /// <summary>
    /// Draws one image after the other. An image that cannot be drawn is listed with the reason, and stops no other; if there is no other,
    /// nothing is written or removed.
    /// </summary>
    /// <exception cref="GpuCamException">A class is not known, a file cannot be written, or another process writes there.</exception>
    public CamManifest DrawAll(IReadOnlyList<string> files, string model, CancellationToken token = default)
    {
        int?[] classes = [.. _options.Classes.Select(name => IsTrueClass(name) ? (int?)null : _classes.IndexOf(name))];
        CamFolder folder = _folder = new CamFolder(_options.Output, files);
        var drawn = new List<CamImage>();
        var refused = new List<CamRefusal>();
        for (int i = 0; i < files.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            Subject subject;
            try
            {
                subject = Read(files[i], classes);
            }
            catch (Exception e) when (e is GpuCamException or IOException or UnauthorizedAccessException)
            {
                refused.Add(new CamRefusal(files[i], e.Message));
                continue;
            }

            folder.Begin(i);
            drawn.Add(Draw(subject, folder, i, token));
        }

        var manifest = new CamManifest(
            CamManifest.CurrentFormat, model, Listed(request => request.Method.Name), Listed(request => request.Layer),
            OptionNames.Resize.NameOf(_options.Resize), _options.BoxThreshold, drawn, MapSettings.Of(_options.Maps),
            OptionNames.Background.NameOf(_options.Background), refused.Count > 0 ? refused : null);
        if (drawn.Count > 0)
        {
            AtomicFile.WriteAllText(folder.Manifest, RunnerJson.Pretty(manifest) + "\n");
        }

        return manifest;
    }

    /// <summary>Frees the buffers, and the folder for others: until then the page can be written.</summary>
    public void Dispose()
    {
        _folder?.Dispose();
        _engine.Dispose();
        _classifier.Dispose();
    }

    private string Listed(Func<CamRequest, string> part) => string.Join(',', _requests.Select(part).Distinct());

    /// <summary>Reads an image and asks the network about it.</summary>
    /// <param name="file">The image.</param>
    /// <param name="classes">Classes to draw, null for the true one; if there are none, those predicted.</param>
    private Subject Read(string file, int?[] classes)
    {
        Image8 image = ImageReader.ReadFile(file, _options.Orientation);
        int size = _network.Network.Config.Size;
        if (image.Width != size || image.Height != size)
        {
            throw new GpuCamException($"{file}: the image is {image.Width}x{image.Height}, this network takes {size}x{size}; scale the "
                + "image, or give the model's --size");
        }

        int[] wanted = [.. classes.Select(index => index ?? TrueClass(file)).Distinct()];
        float[] pixels = new float[size * size * _network.Network.Channels];
        image.ToFloats(pixels, _network.Network.Channels);
        float[] logits = _classifier.Logits(pixels, 1).ToArray();
        if (Array.Exists(logits, logit => !float.IsFinite(logit)))
        {
            throw new GpuCamException(
                $"{file}: the network's outputs for this image are not finite; give a model whose training did not diverge");
        }

        int[] ranked = Ranking.Top(logits, Math.Min(_options.Top, logits.Length));
        return new Subject(file, image, logits, ranked, wanted.Length > 0 ? wanted : ranked);
    }

    private CamImage Draw(Subject subject, CamFolder folder, int number, CancellationToken token)
    {
        double[] probabilities = Ranking.Softmax(subject.Logits);
        string input = folder.NameOf(number, "input.png");
        PngWriter.WriteFile(folder.PathOf(input), subject.Image);
        Image8 enlarged = Heatmap.Enlarge(subject.Image, Heatmap.ScaleFor(_network.Network.Config.Size, 0));
        var original = new MontageTile(Caption.Under(enlarged, Path.GetFileName(subject.File)));
        var montages = new List<string>();
        var sheets = new MontageSheets(_requests.Length > 1 ? _requests.Length + 1 : 0, WriteMontage);
        var names = new UniqueNames();
        var maps = new List<CamMap>();
        foreach (int index in subject.Classes)
        {
            var row = new List<MontageTile>();
            // Several kinds of map are compared in a row per class, which begins with the image; of one kind it is enough once.
            if (_requests.Length > 1 || maps.Count == 0)
            {
                row.Add(original);
            }

            foreach (CamRequest request in _requests)
            {
                token.ThrowIfCancellationRequested();
                string part = names.Take($"{request.FilePrefix}_{OutsideNames.Class(index, ClassNames[index])}");
                (CamMap map, Image8 picture) =
                    DrawMap(subject.Image, folder, folder.NameOf(number, part), request, index, probabilities[index]);
                maps.Add(map);
                row.Add(new MontageTile(picture));
            }

            sheets.Add(row);
        }

        sheets.Flush();
        return new CamImage(
            subject.File, input, subject.Image.Width, subject.Image.Height,
            new Box(0, 0, subject.Image.Width - 1, subject.Image.Height - 1), null, montages[0], montages.Count > 1 ? montages[1..] : null,
            [.. subject.Ranked.Select(c => new CamPrediction(
                ClassNames[c], c, LabelOf(c), probabilities[c], subject.Logits[c]))], maps);

        void WriteMontage(string name, Image8 sheet)
        {
            montages.Add(folder.NameOf(number, name));
            PngWriter.WriteFile(folder.PathOf(montages[^1]), sheet);
        }
    }

    private (CamMap Map, Image8 Picture) DrawMap(
        Image8 image, CamFolder folder, string path, CamRequest request, int index, double probability)
    {
        int size = _network.Network.Config.Size;
        (float[] raw, float[] map) = Maps(request, index);
        MapRange range = MapRange.Of(map), rawRange = MapRange.Of(raw);
        Box? box = range.State == MapState.Normal
            && _components.AboveShareOfMax(map, size, _options.BoxThreshold) is [MapComponent largest, ..] ? largest.Box : null;
        string caption = string.Create(CultureInfo.InvariantCulture,
            $"{(Listed(r => r.Method.Name) == "cam" ? "" : $"{Shorten(request.Title)}: ")}{Shorten(_classes.Label(index))} "
                + $"({100 * probability:0.0} %)");
        var look = new HeatmapOptions { Caption = caption, PredictedBox = box, Background = _options.Background };
        Image8 picture = Heatmap.Draw(image, map, look);
        PngWriter.WriteFile(folder.PathOf(path + ".png"), picture);
        Npy.WriteFile(folder.PathOf(path + ".npy"), raw, [size, size]);
        bool finite = rawRange.State != MapState.NonFinite;
        var entry = new CamMap(
            ClassNames[index], index, LabelOf(index), request.Method.Name, request.Layer, path + ".png", path + ".npy",
            finite ? rawRange.Minimum : null, finite ? rawRange.Maximum : null, request.Method.Rectifies, range.State, range.Explanation,
            box);
        return (entry, picture);
    }

    /// <summary>Null where the name says it.</summary>
    private string? LabelOf(int index) => _classes.Label(index) is var label && label != ClassNames[index] ? label : null;

    /// <summary>A picture grows by a line for every 30 letters under it.</summary>
    private static string Shorten(string text) => text.Length <= MostOfCaption ? text : $"{text[..MostOfCaption]}...";

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

    private bool IsTrueClass(string name) => name == CamOptions.TrueClass && !ClassNames.Contains(name);

    private int TrueClass(string file) => ImageFolderTables.LabelOf(file) switch
    {
        null => throw new GpuCamException($"--class {CamOptions.TrueClass}: the class of {file} is not known; give an img_N.png with a "
            + $"row in a {ImageFolderTables.Labels} beside it"),
        { } label when _classes.IsShared(label) => throw new GpuCamException(
            $"--class {CamOptions.TrueClass}: {file} has label {label}, the name of several classes; give --class with the number of one"),
        { } label => ImageFolderTables.ClassOf(label, ClassNames) ?? throw new GpuCamException(
            $"--class {CamOptions.TrueClass}: {file} has label {label}, this network has {ClassNames.Count} classes"),
    };

    /// <summary>An image, what the network said of it (best first), and the classes to draw.</summary>
    private sealed record Subject(string File, Image8 Image, float[] Logits, int[] Ranked, int[] Classes);
}
