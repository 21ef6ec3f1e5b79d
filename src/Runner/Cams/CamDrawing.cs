using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Cams;

/// <summary>
/// Draws the class activation maps of pictures: for each a folder with an overlay and a raw map per class, method and layer, and, where
/// there are few pictures, a montage.
/// </summary>
internal sealed class CamDrawing : IDisposable
{
    /// <summary>Beyond this many pictures the page shows them all, and nobody opens a montage of each.</summary>
    public const int FewPictures = 20;

    private readonly Execution _network;
    private readonly CamOptions _options;
    private readonly PictureMaps _maps;
    private readonly CamRequest[] _requests;
    private readonly ClassTable _classes;
    private readonly PictureDrawing _drawing;
    private readonly Preprocessing _preprocessing;
    private CamFolder? _folder;
    private long _mapped;

    /// <param name="network">Somebody else's.</param>
    /// <param name="options">What to draw.</param>
    /// <param name="report">Gets a line for each method and layer that do not go together.</param>
    /// <param name="progress">Hears how many of how many copies of a picture a method has scored.</param>
    public CamDrawing(Execution network, CamOptions options, Action<string> report, Action<int, int>? progress = null)
    {
        _network = network;
        _options = options;
        _preprocessing = network.Network.Preprocessing
            ?? throw new GpuCamException(PictureSource.NoPreprocessing);
        _classes = new ClassTable(network.Network.ClassNames);
        _maps = new PictureMaps(network, options.Resize) { BoxThreshold = options.BoxThreshold };
        (_maps.Engine.Target, _maps.Engine.Progress) = (options.Target, progress);
        _requests = CamRequest.All(options.Maps, _maps.Engine, report);
        _drawing = new PictureDrawing(options, _requests, _classes, ClassNames);
    }

    /// <summary>Hears after each batch how many of how many pictures are done.</summary>
    public Action<int, int>? PicturesDone { get; set; }

    private IReadOnlyList<string> ClassNames => _network.Network.ClassNames;

    /// <summary>
    /// Draws one picture after the other. One that cannot be drawn is listed with the reason, and stops no other; if there is no other,
    /// nothing is written or removed.
    /// </summary>
    /// <exception cref="GpuCamException">A class is not known, a file cannot be written, or another process writes there.</exception>
    public CamManifest DrawAll(IReadOnlyList<ListedPicture> pictures, string model, CancellationToken token = default)
    {
        int?[] classes = [.. _options.Classes.Select(name => IsTrueClass(name) ? (int?)null : _classes.IndexOf(name))];
        CamFolder folder = _folder = new CamFolder(_options.Output, [.. pictures.Select(picture => picture.Path)]);
        int top = _options.Top ?? (pictures.Count <= FewPictures ? 5 : 1);
        var drawn = new List<CamImage>();
        var refused = new List<CamRefusal>();
        var loading = new PictureLoaderOptions(_preprocessing, _network.Network.Channels, _network.Graph.MixesImages ? 1 : _options.Batch)
        {
            Ahead = _network.Device is not HostDevice,
            Orientation = _options.Orientation,
            ShownSide = _options.Side ?? (pictures.Count <= FewPictures ? 640 : 320),
        };
        _maps.Engine.Token = token;
        using var loader = new PictureLoader(pictures, loading);
        while (loader.Take(token) is { } batch)
        {
            using (batch)
            {
                Draw(batch, classes, top, pictures.Count <= FewPictures, folder, drawn, refused, token);
            }

            PicturesDone?.Invoke(drawn.Count + refused.Count, pictures.Count);
        }

        var manifest = new CamManifest(
            CamManifest.CurrentFormat, model, Listed(request => request.Method.Name), Listed(request => request.Layer),
            OptionNames.Resize.NameOf(_options.Resize), _options.BoxThreshold, drawn, MapSettings.Of(_options.Maps),
            OptionNames.Background.NameOf(_options.Look.Background), refused.Count > 0 ? refused : null,
            DeviceCatalog.NameOf(_network.Device.Precision));
        if (drawn.Count > 0)
        {
            AtomicFile.WriteAllText(folder.Manifest, RunnerJson.Pretty(manifest) + "\n", flushed: false);
        }

        return manifest;
    }

    /// <summary>Frees the buffers, and the folder for others: until then the page can be written.</summary>
    public void Dispose()
    {
        _folder?.Dispose();
        _maps.Dispose();
    }

    private void Draw(
        PictureBatch batch, int?[] classes, int top, bool montage, CamFolder folder, List<CamImage> drawn, List<CamRefusal> refused,
        CancellationToken token)
    {
        var shape = new Shape(batch.Count, batch.Height, batch.Width, batch.Channels);
        float[] logits = batch.Count > 0 ? _maps.Logits(batch.Inputs, shape, _mapped) : [];
        _mapped += batch.Count;
        int width = _network.Network.LogitCount;
        var subjects = new Subject?[batch.Count];
        foreach (LoadedPicture picture in batch.Pictures)
        {
            token.ThrowIfCancellationRequested();
            try
            {
                if (picture.Error is { } error)
                {
                    throw new GpuCamException(error);
                }

                subjects[picture.Row] = Look(picture, logits.AsSpan(picture.Row * width, width), classes, top);
            }
            catch (GpuCamException e)
            {
                refused.Add(new CamRefusal(picture.Listed.Name, e.Message));
            }
        }

        List<SubjectMap>[] maps = Map(subjects, token);
        foreach (Subject subject in subjects.OfType<Subject>())
        {
            folder.Begin(subject.Number);
        }

        var images = new CamImage?[subjects.Length];
        AllCores.For(
            subjects.Length, i => images[i] = subjects[i] is { } subject ? _drawing.Draw(subject, maps[i], folder, montage) : null, token);
        drawn.AddRange(images.OfType<CamImage>());
    }

    /// <summary>The maps of each picture: for its classes in turn, all requests.</summary>
    private List<SubjectMap>[] Map(Subject?[] subjects, CancellationToken token)
    {
        List<SubjectMap>[] maps = [.. subjects.Select(_ => new List<SubjectMap>())];
        int most = subjects.Max(subject => subject?.Classes.Count) ?? 0;
        for (int place = 0; place < most; place++)
        {
            MapSubject?[] own = [.. subjects.Select(subject =>
                place < subject?.Classes.Count ? new MapSubject(subject.Classes[place], subject.Geometry) : null)];
            foreach (CamRequest request in _requests)
            {
                token.ThrowIfCancellationRequested();
                ClassMap?[] made = _maps.Maps(request.Method, request.Layers, own);
                for (int i = 0; i < own.Length; i++)
                {
                    if (made[i] is { } map)
                    {
                        maps[i].Add(new SubjectMap(request, map));
                    }
                }
            }
        }

        return maps;
    }

    private string Listed(Func<CamRequest, string> part) => string.Join(',', _requests.Select(part).Distinct());

    /// <summary>
    /// What the network says of a picture, and which classes to draw: null for the true one; if there are none, those predicted.
    /// </summary>
    private Subject Look(LoadedPicture picture, ReadOnlySpan<float> logits, int?[] classes, int top)
    {
        string file = picture.Listed.Name;
        IReadOnlyList<ClassPrediction> predictions;
        try
        {
            predictions = ClassPrediction.All(logits, ClassNames);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{file}: {e.Message}", e);
        }

        int? truth = TruthOf(picture.Listed.Path);
        int[] wanted = [.. classes.Select(index => index ?? truth ?? throw Untold(picture.Listed.Path)).Distinct()];
        ClassPrediction[] ranked = [.. predictions.Take(top)];
        return new Subject(picture.Index, file, picture.Shown!, picture.Geometry!, truth, ranked, wanted.Length == 0 ? ranked
            : [.. wanted.Select(index => predictions.First(prediction => prediction.Index == index))]);
    }

    private bool IsTrueClass(string name) => name == CamOptions.TrueClass && !ClassNames.Contains(name);

    /// <summary>The class of a picture, by the labels beside it or the name of its folder; null where neither tells.</summary>
    private int? TruthOf(string file)
    {
        string? label = ImageFolderTables.LabelOf(file);
        if (label is null)
        {
            string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) ?? "";
            List<string> names = [.. ClassNames];
            int index = names.IndexOf(folder);
            index = index >= 0 ? index : names.FindIndex(name => name.Replace('_', ' ') == folder.Replace('_', ' '));
            return _classes.IsShared(folder) || index < 0 ? null : index;
        }

        return _classes.IsShared(label) ? null : ImageFolderTables.ClassOf(label, ClassNames);
    }

    private GpuCamException Untold(string file) => new(ImageFolderTables.LabelOf(file) switch
    {
        null => $"--class {CamOptions.TrueClass}: the class of {file} is not known; give an img_N.png with a row in a "
            + $"{ImageFolderTables.Labels} beside it, or a folder with a class's name",
        { } label when _classes.IsShared(label) =>
            $"--class {CamOptions.TrueClass}: {file} has label {label}, the name of several classes; give --class with the number of one",
        { } label => $"--class {CamOptions.TrueClass}: {file} has label {label}, this network has {ClassNames.Count} classes",
    });
}
