using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Cams;

/// <summary>
/// Draws the class activation maps of pictures: for each a folder with an overlay and a raw map per class, method and layer, and, where
/// there are few pictures, a montage. The ranks of a job share the pictures, batch by batch, and each draws its own.
/// </summary>
internal sealed class CamDrawing : IDisposable
{
    /// <summary>Beyond this many pictures the page shows them all, and nobody opens a montage of each.</summary>
    public const int FewPictures = 20;

    private readonly RankJob _job;
    private readonly Execution _network;
    private readonly CamOptions _options;
    private readonly PictureMaps _maps;
    private readonly CamRequest[] _requests;
    private readonly ClassTable _classes;
    private readonly TrueClass _truth;
    private readonly PictureDrawing _drawing;
    private readonly Preprocessing _preprocessing;
    private CamFolder? _folder;

    /// <param name="job">Who shares the pictures.</param>
    /// <param name="network">Somebody else's.</param>
    /// <param name="options">What to draw.</param>
    /// <param name="report">Gets a line for each method and layer that do not go together.</param>
    /// <param name="progress">Hears how many of how many copies of a picture a method has scored.</param>
    public CamDrawing(
        RankJob job, Execution network, CamOptions options, Action<string> report, Action<int, int>? progress = null)
    {
        (_job, _network, _options) = (job, network, options);
        _preprocessing = PictureSource.PreprocessingOf(network.Network);
        _classes = new ClassTable(ClassNames);
        _truth = new TrueClass(_classes, ClassNames);
        _maps = new PictureMaps(network, options.Resize) { BoxThreshold = options.BoxThreshold };
        (_maps.Engine.Target, _maps.Engine.Progress) = (options.Target, progress);
        _requests = CamRequest.All(options.Maps, _maps.Engine, report);
        _drawing = new PictureDrawing(options, _requests, _classes, ClassNames);
    }

    /// <summary>Hears after each batch how many of how many pictures are done, by all ranks.</summary>
    public Action<int, int>? PicturesDone { get; set; }

    private IReadOnlyList<string> ClassNames => _network.Network.ClassNames;

    private int BatchSize => _network.Graph.MixesImages ? 1 : _options.Batch;

    /// <summary>
    /// Draws one picture after the other. One that cannot be drawn is listed with the reason, and stops no other; if there is no other,
    /// nothing is written or removed.
    /// </summary>
    /// <returns>What was drawn, on rank 0; null on others.</returns>
    /// <exception cref="GpuCamException">A class is not known, a file cannot be written, or another process writes there.</exception>
    public CamManifest? DrawAll(IReadOnlyList<ListedPicture> pictures, string model, CancellationToken token = default)
    {
        int?[] classes = [.. _options.Classes.Select(name => _truth.IsMeantBy(name) ? (int?)null : _classes.IndexOf(name))];
        bool few = pictures.Count <= FewPictures;
        CamFolder folder = _folder = new CamFolder(_job, _options.Output, [.. pictures.Select(picture => picture.Path)]);
        int top = _options.Top ?? (few ? 5 : 1);
        var parts = new List<CamPart>();
        var loading = new PictureLoaderOptions(_preprocessing, _network.Network.Channels, BatchSize)
        {
            Ahead = _network.Device is not HostDevice,
            Orientation = _options.Orientation,
            ShownSide = _options.Side ?? (few ? 640 : 320),
        };
        _maps.Engine.Token = token;
        ListedPicture[][] batches = [.. pictures.Chunk(BatchSize)];
        using var loader = new PictureLoader([.. _job.Own(batches.Length).SelectMany(batch => batches[batch])], loading);
        var turns = new RankTurns(_job, batches.Length)
        {
            BeforeWriting = folder.Open,
            Done = done => PicturesDone?.Invoke((int)done, pictures.Count),
        };
        turns.Run(
            turn =>
            {
                var part = new CamPart([], []);
                parts.Add(part);
                var drawings = new List<Drawing>();
                for (int seen = 0; seen < batches[turn].Length;)
                {
                    // One after the other where the network takes pictures of any size, and these differ.
                    using PictureBatch batch = loader.Take(token)!;
                    seen += batch.Pictures.Count;
                    drawings.Add(Map(batch, turn, classes, top, part.Refused, token));
                }

                bool writes = drawings.Exists(drawing => Array.Exists(drawing.Subjects, subject => subject is not null));
                return new Turn(batches[turn].Length, writes ? Write : null);
                void Write() => drawings.ForEach(drawing => part.Images.AddRange(Draw(drawing, few, folder, token)));
            },
            token);
        IReadOnlyList<CamPart>? all = RankTurns.InOrder(_job, parts);
        return _job.Together(() => all is null ? null : Manifest(folder, model, all));
    }

    /// <summary>Frees the buffers, and the folder for others: until then the page can be written.</summary>
    public void Dispose()
    {
        _folder?.Dispose();
        _maps.Dispose();
    }

    /// <summary>What names the pictures, written where there is one.</summary>
    private CamManifest Manifest(CamFolder folder, string model, IReadOnlyList<CamPart> parts)
    {
        CamRefusal[] refused = [.. parts.SelectMany(part => part.Refused)];
        var manifest = new CamManifest(
            CamManifest.CurrentFormat, model, Listed(request => request.Method.Name), Listed(request => request.Layer),
            OptionNames.Resize.NameOf(_options.Resize), _options.BoxThreshold, [.. parts.SelectMany(part => part.Images)],
            MapSettings.Of(_options.Maps), OptionNames.Background.NameOf(_options.Look.Background), refused.Length > 0 ? refused : null,
            DeviceCatalog.NameOf(_network.Device.Precision));
        if (manifest.Images.Count > 0)
        {
            AtomicFile.WriteAllText(folder.Manifest, RunnerJson.Pretty(manifest) + "\n", flushed: false);
        }

        return manifest;
    }

    /// <summary>The maps of a batch's pictures; those that cannot be mapped are refused.</summary>
    /// <param name="batch">The pictures.</param>
    /// <param name="turn">Which batch of the whole list they are of.</param>
    /// <param name="classes">Classes to draw: null for the true one; if there are none, those predicted.</param>
    /// <param name="top">How many of those.</param>
    /// <param name="refused">Gets the pictures that cannot be mapped.</param>
    /// <param name="token">Ends it.</param>
    private Drawing Map(PictureBatch batch, int turn, int?[] classes, int top, List<CamRefusal> refused, CancellationToken token)
    {
        var shape = new Shape(batch.Count, batch.Height, batch.Width, batch.Channels);
        int[] numbers = [.. batch.Pictures.Where(picture => picture.Row >= 0).Select(Number)];
        float[] logits = batch.Count > 0 ? _maps.Logits(batch.Inputs, shape, numbers) : [];
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

                subjects[picture.Row] = Look(picture, Number(picture), logits.AsSpan(picture.Row * width, width), classes, top);
            }
            catch (GpuCamException e)
            {
                refused.Add(new CamRefusal(picture.Listed.Name, e.Message));
            }
        }

        return new Drawing(subjects, Map(subjects, token));

        // The loader counts the pictures of this rank.
        int Number(LoadedPicture picture) => (turn * BatchSize) + (picture.Index % BatchSize);
    }

    private IEnumerable<CamImage> Draw(Drawing drawing, bool montage, CamFolder folder, CancellationToken token)
    {
        (Subject?[] subjects, List<SubjectMap>[] maps) = drawing;
        foreach (Subject subject in subjects.OfType<Subject>())
        {
            folder.Begin(subject.Number);
        }

        var images = new CamImage?[subjects.Length];
        AllCores.For(
            subjects.Length, i => images[i] = subjects[i] is { } subject ? _drawing.Draw(subject, maps[i], folder, montage) : null, token);
        return images.OfType<CamImage>();
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
    private Subject Look(LoadedPicture picture, int number, ReadOnlySpan<float> logits, int?[] classes, int top)
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

        int? truth = _truth.Of(picture.Listed.Path);
        int[] wanted = [.. classes.Select(index => index ?? truth ?? throw _truth.Unknown(picture.Listed.Path)).Distinct()];
        ClassPrediction[] ranked = [.. predictions.Take(top)];
        return new Subject(number, file, picture.Shown!, picture.Geometry!, truth, ranked, wanted.Length == 0 ? ranked
            : [.. wanted.Select(index => predictions.First(prediction => prediction.Index == index))]);
    }

    /// <summary>Pictures and their maps; null where a picture is refused.</summary>
    private sealed record Drawing(Subject?[] Subjects, List<SubjectMap>[] Maps);

    /// <summary>What became of the pictures of a batch, in their order.</summary>
    private sealed record CamPart(List<CamImage> Images, List<CamRefusal> Refused);
}
