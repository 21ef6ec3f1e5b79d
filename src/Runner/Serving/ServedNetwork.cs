using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Serving;

/// <summary>The network that is served, and what it says of pictures. One request at a time.</summary>
internal sealed class ServedNetwork : IDisposable
{
    private const float BoxThreshold = 0.2f;
    private readonly Execution _network;
    private readonly PictureMaps _maps;
    private CancellationToken _token;

    /// <param name="network">Somebody else's.</param>
    /// <param name="name">What clients hear of where it came from.</param>
    /// <param name="options">The limits that clients hear of.</param>
    /// <exception cref="GpuCamException">It cannot be explained, or nothing says how pictures become its input.</exception>
    public ServedNetwork(Execution network, string name, ServeOptions options)
    {
        _network = network;
        Preprocessing = network.Network.Preprocessing ?? throw new GpuCamException(PictureSource.NoPreprocessing);
        _maps = new PictureMaps(network, new CamOptions { Output = "" }, (_, _) => _token.ThrowIfCancellationRequested());
        CamEngine engine = _maps.Engine;
        Shape input = network.Graph.Input.Shape;
        Answer = new ModelAnswer(
            name, new Extents(input.W, input.H, input.C), network.Network.ClassNames,
            [.. network.Network.MappableValues.Select(value => new LayerAnswer(value.Name, value.Shape.W, value.Shape.H, value.Shape.C))],
            engine.DefaultLayer,
            [.. CamMethods.All.Where(method => method.Scope != CamScope.PooledLayer || network.Network.Tail is not null)
                .Select(method => new MethodAnswer(method.Name, method.Description, method.Needs, method.Scope))],
            CamMethods.Usual(engine).Name, OptionNames.Smoothing.Names, new LimitsAnswer(options.MostBytes, ImageLimits.MaxPixels));
    }

    /// <summary>How pictures become its input.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>What it says of itself.</summary>
    public ModelAnswer Answer { get; }

    /// <summary>Classifies a picture and maps it.</summary>
    /// <exception cref="ServeException">The request does not fit the network.</exception>
    public ExplainAnswer Explain(ServedPicture picture, ExplainFields fields, double decode, CancellationToken token)
    {
        _token = token;
        CamEngine engine = _maps.Engine;
        ICamMethod method = Method(fields.Method ?? Answer.DefaultMethod);
        string[] layers = (fields.Layer ?? engine.DefaultLayer).Split('+');
        engine.Smoothing = fields.Smoothing;
        if (engine.Obstacle(method, layers) is { } obstacle)
        {
            throw new ServeException(400, obstacle.Split("; give")[0]);
        }

        if (fields.Class >= Answer.Classes.Count)
        {
            throw new ServeException(400, $"there is no class {fields.Class}; the network has {Answer.Classes.Count}, counted from 0");
        }

        var clock = Stopwatch.StartNew();
        using PictureBatch batch = Input(picture);
        float[] logits = _maps.Logits(batch);
        if (Array.Exists(logits, logit => !float.IsFinite(logit)))
        {
            throw new ServeException(422, "the network's outputs for this picture are not finite; take a network whose training did not "
                + "diverge");
        }

        double[] probabilities = ClassScore.Probabilities(logits), scores = ClassScore.PerClass(logits);
        int[] ranked = Ranking.Top(Array.ConvertAll(scores, score => (float)score), Math.Min(fields.Top, scores.Length));
        double forward = clock.Elapsed.TotalMilliseconds;
        int chosen = fields.Class ?? ranked[0];
        var request = new CamRequest(method, layers);
        (_, float[] shown) = _maps.Maps(request, [chosen]);
        MapRange range = MapRange.Of(shown);
        PictureGeometry geometry = picture.Geometry;
        Box? box = range.State == MapState.Normal
            && new MapComponents().AboveShareOfMax(shown, geometry.InputWidth, BoxThreshold) is [MapComponent largest, ..]
            ? geometry.ToPicture(largest.Box) : null;
        bool finite = range.State != MapState.NonFinite;
        var map = new MapAnswer(
            chosen, Answer.Classes[chosen], method.Name, request.Layer, OptionNames.Smoothing.NameOf(fields.Smoothing),
            geometry.InputWidth, geometry.InputHeight, MemoryMarshal.AsBytes<float>(shown).ToArray(), finite ? range.Minimum : null,
            finite ? range.Maximum : null, range.State, range.Explanation);
        return new ExplainAnswer(
            new PictureAnswer(picture.Width, picture.Height, picture.Crop), Corners.Of(geometry.Seen, picture.Crop),
            Corners.Of(geometry.Shown),
            [.. ranked.Select(index => new PredictionAnswer(index, Answer.Classes[index], probabilities[index], scores[index]))],
            map, box is { } found ? Corners.Of(found, picture.Crop) : null,
            new Milliseconds(decode, forward, clock.Elapsed.TotalMilliseconds - forward));
    }

    public void Dispose() => _maps.Dispose();

    private ICamMethod Method(string name) => Answer.Methods.Any(method => method.Name == name)
        ? CamMethods.Create(name)
        : throw new ServeException(400, $"there is no method '{ClientText.Shown(name)}' for this network; choose from "
            + string.Join(", ", Answer.Methods.Select(method => method.Name)));

    private PictureBatch Input(ServedPicture picture)
    {
        PictureGeometry geometry = picture.Geometry;
        int channels = _network.Network.Channels, length = Preprocessing.InputLength(geometry, channels);
        float[] input = ArrayPool<float>.Shared.Rent(length);
        Preprocessing.Apply(
            picture.Image.Pixels, geometry.OnCopy(picture.Image.Width, picture.Image.Height), channels, input.AsSpan(0, length));
        return new PictureBatch([], input, 1, geometry.InputHeight, geometry.InputWidth, channels);
    }
}
