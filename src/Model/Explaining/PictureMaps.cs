using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A picture of a batch and the class that is mapped in it.</summary>
/// <param name="Class">The class.</param>
/// <param name="Geometry">Where the network's input lies on the picture.</param>
public sealed record MapSubject(ClassPrediction Class, PictureGeometry Geometry);

/// <summary>
/// What a network says of a batch of prepared pictures, and its maps of them on the network's input. Does not own the network. Not for two
/// threads at once: <see cref="Explainer"/> is.
/// </summary>
public sealed class PictureMaps : IDisposable
{
    private readonly Classifier _classifier;

    /// <summary>Maps of a network that somebody else owns.</summary>
    /// <param name="network">The network; it must have something to map.</param>
    /// <param name="resize">How maps are enlarged to the input.</param>
    public PictureMaps(Execution network, ResizeMode resize = ResizeMode.HalfPixel)
    {
        _classifier = new Classifier(network);
        Engine = new CamEngine(network, resize);
    }

    /// <summary>Makes the maps.</summary>
    public CamEngine Engine { get; }

    /// <summary>Boxes go around what is above this share of a map's maximum.</summary>
    public float BoxThreshold { get; set; } = MapComponents.PaperShare;

    /// <summary>The logits of a batch, row by row; it is what maps are made of until the next call.</summary>
    /// <param name="inputs">Prepared pictures, of that shape.</param>
    /// <param name="shape">[N, H, W, C].</param>
    /// <param name="numbers">The numbers of the pictures among all: what is random depends on them, not on how batches are cut.</param>
    public float[] Logits(ReadOnlySpan<float> inputs, Shape shape, IReadOnlyList<int> numbers)
    {
        Engine.ImageNumbers = numbers;
        return _classifier.Logits(inputs, shape).ToArray();
    }

    /// <summary>The maps of the batch's pictures, one each.</summary>
    /// <param name="method">How.</param>
    /// <param name="layers">Some of <see cref="CamEngine.LayerNames"/>; several make one map together, which has no raw form.</param>
    /// <param name="subjects">One per picture; null where no map is wanted.</param>
    /// <returns>One per picture, null where none was wanted.</returns>
    /// <exception cref="GpuCamException">The method cannot map these.</exception>
    public ClassMap?[] Maps(ICamMethod method, IReadOnlyList<string> layers, IReadOnlyList<MapSubject?> subjects)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(subjects);
        // They are made for all pictures together; what nobody wants is of class 0.
        (float[] raw, float[] shown) = Maps(method, layers, [.. subjects.Select(subject => subject?.Class.Index ?? 0)]);
        string layer = CamMethods.TitleOf(method, layers);
        int area = raw.Length / subjects.Count;
        return [.. subjects.Select((subject, i) =>
        {
            if (subject is null)
            {
                return null;
            }

            float[] own = raw[(i * area)..((i + 1) * area)];
            float[] values = ReferenceEquals(raw, shown) ? own : shown[(i * area)..((i + 1) * area)];
            return new ClassMap(subject, method, layer, own, values, BoxThreshold);
        })];
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        _classifier.Dispose();
    }

    private (float[] Raw, float[] Shown) Maps(ICamMethod method, IReadOnlyList<string> layers, int[] classes)
    {
        if (layers.Count > 1 && method.Scope != CamScope.WholeNetwork)
        {
            float[] mean = Engine.MapToImage(method, layers, classes).ToArray();
            return (mean, mean);
        }

        Engine.Check(method, layers);
        Tensor map = Engine.Map(method, layers[0], classes);
        float[] raw = Engine.Enlarge(map, rectify: false).ToArray();
        return (raw, method.Rectifies ? Engine.Enlarge(map, rectify: true).ToArray() : raw);
    }
}
