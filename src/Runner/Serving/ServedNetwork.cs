using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Serving;

/// <summary>The network that is served, and what it says of pictures. One request at a time.</summary>
internal sealed class ServedNetwork : IDisposable
{
    private readonly PictureMaps _maps;

    /// <param name="network">Somebody else's.</param>
    /// <param name="name">What clients hear of where it came from.</param>
    /// <param name="options">The limits that clients hear of.</param>
    /// <exception cref="GpuCamException">It cannot be explained, or nothing says how pictures become its input.</exception>
    public ServedNetwork(Execution network, string name, ServeOptions options)
    {
        Channels = network.Network.Channels;
        Preprocessing = PictureSource.PreprocessingOf(network.Network);
        _maps = new PictureMaps(network);
        CamEngine engine = _maps.Engine;
        Shape input = network.Graph.Input.Shape;
        Answer = new ModelAnswer(
            name, new Extents(input.W, input.H, input.C), network.Network.ClassNames,
            [.. network.Network.MappableValues.Select(value => new LayerAnswer(value.Name, value.Shape.W, value.Shape.H, value.Shape.C))],
            engine.DefaultLayer,
            [.. CamMethods.For(network.Network)
                .Select(method => new MethodAnswer(method.Name, method.Description, method.Needs, method.Scope))],
            CamMethods.Usual(engine).Name, OptionNames.Smoothing.Names, new LimitsAnswer(options.MostBytes, ImageLimits.MaxPixels));
    }

    /// <summary>How pictures become its input.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Channels of its input.</summary>
    public int Channels { get; }

    /// <summary>What it says of itself.</summary>
    public ModelAnswer Answer { get; }

    /// <summary>Classifies a picture and maps it.</summary>
    /// <exception cref="ServeException">The request does not fit the network, or it says nothing that is finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ExplainAnswer Explain(ServedPicture picture, ExplainFields fields, double decode, CancellationToken token)
    {
        CamEngine engine = _maps.Engine;
        (engine.Smoothing, engine.Token) = (fields.Smoothing, token);
        ICamMethod method = Method(fields.Method ?? Answer.DefaultMethod);
        string[] layers = engine.LayersOf(fields.Layer ?? engine.DefaultLayer);
        if (engine.Obstacle(method, layers) is { } obstacle)
        {
            throw new ServeException(400, ClientText.Line(obstacle.Split("; give --")[0]));
        }

        if (fields.Class >= Answer.Classes.Count)
        {
            throw new ServeException(
                400, $"there is no class {fields.Class}; the network has {Answer.Classes.Count} classes, counted from 0");
        }

        var clock = Stopwatch.StartNew();
        PictureGeometry geometry = picture.Geometry;
        float[] logits = _maps.Logits(
            picture.Input, new Shape(1, geometry.InputHeight, geometry.InputWidth, Channels), numbers: [0]);
        if (logits.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new ServeException(422, "what the network says of this picture is not finite; its training diverged, serve another one");
        }

        IReadOnlyList<ClassPrediction> predictions = ClassPrediction.All(logits, Answer.Classes);
        ClassPrediction chosen = fields.Class is { } wanted ? predictions.First(prediction => prediction.Index == wanted) : predictions[0];
        double forward = clock.Elapsed.TotalMilliseconds;
        ClassMap map = _maps.Maps(method, layers, [new MapSubject(chosen, geometry)])[0]!;
        MapRange range = map.Range;
        bool finite = range.State != MapState.NonFinite;
        return new ExplainAnswer(
            new PictureAnswer(picture.Width, picture.Height, picture.Crop), Corners.Of(geometry.Seen, picture.Crop),
            Corners.Of(geometry.Shown),
            [.. predictions.Take(fields.Top).Select(one => new PredictionAnswer(one.Index, one.Name, one.Probability, one.Logit))],
            new MapAnswer(
                chosen.Index, chosen.Name, map.Method, map.Layer, OptionNames.Smoothing.NameOf(fields.Smoothing), map.Columns, map.Rows,
                MemoryMarshal.AsBytes<float>(map.Values).ToArray(), finite ? range.Minimum : null, finite ? range.Maximum : null,
                range.State, range.Explanation),
            map.Box is { } box ? Corners.Of(box, picture.Crop) : null,
            new Milliseconds(decode, forward, clock.Elapsed.TotalMilliseconds - forward));
    }

    public void Dispose() => _maps.Dispose();

    private ICamMethod Method(string name) => Answer.Methods.Any(method => method.Name == name)
        ? CamMethods.Create(name)
        : throw new ServeException(400, $"there is no method '{ClientText.Shown(name)}' for this network; choose from "
            + string.Join(", ", Answer.Methods.Select(method => method.Name)));
}
