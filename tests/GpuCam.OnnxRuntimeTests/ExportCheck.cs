using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>A network and images, and whether files of it say the same in ONNX Runtime.</summary>
internal sealed class ExportCheck : IDisposable
{
    /// <summary>How far numbers may be apart, as a part of the largest.</summary>
    public const double Tolerance = 1e-4;

    private readonly Execution _execution;
    private readonly CamEngine _engine;
    private readonly Tensor _images;
    private readonly float[] _values, _logits;

    public ExportCheck(Execution execution, int images)
    {
        _execution = execution;
        Shape shape = execution.Graph.Input.Shape.WithN(images);
        _values = Made.Numbers(shape.Count, 9, -2, 2);
        _images = new Tensor(execution.Device, "images", shape);
        _images.CopyFrom(_values);
        _engine = new CamEngine(execution);
        _logits = execution.Forward(_images).ToArray();
        Best = [.. _logits.Chunk(execution.Network.LogitCount).Select(row => Order(row)[0])];
    }

    /// <summary>Whether there are exact class activation maps.</summary>
    public bool HasCam => _engine.Obstacle(Cam, [DefaultValue]) is null;

    public string DefaultValue => _engine.DefaultLayer;

    /// <summary>Values that can be mapped.</summary>
    public IReadOnlyList<string> Values => _engine.LayerNames;

    /// <summary>The class of each image that the network prefers.</summary>
    public IReadOnlyList<int> Best { get; }

    private static ICamMethod Cam { get; } = CamMethods.Create("cam");

    private int Images => Best.Count;

    /// <summary>How far a map by gradients is off.</summary>
    /// <param name="method">By which method.</param>
    /// <param name="value">Of which value.</param>
    /// <param name="classes">Classes that an input says; null for the predicted ones.</param>
    /// <param name="resize">Whether maps are to be as large as the images.</param>
    public double Gradient(string method, string value, IReadOnlyList<int>? classes = null, bool resize = false)
    {
        var options = new OnnxExportOptions
        {
            GradientValue = value, GradientMethod = method, ClassInput = classes is not null, ResizeMaps = resize,
        };
        Dictionary<string, (float[] Values, long[] Extents)> results = Run(options, classes is null ? null : [.. classes.Select(c => (long)c)], 1);
        (float[] map, long[] extents) = results[method];
        Shape shape = resize ? _images.Shape : _execution.Activation(value).Shape;
        Assert.Equal([Images, 1, shape.H, shape.W], extents);
        return Made.Difference(Map(CamMethods.Create(method), value, classes ?? Best, resize), map);
    }

    /// <summary>How far the exact maps of all classes are off.</summary>
    public double AllMaps(bool resize)
    {
        (float[] maps, long[] extents) = Run(new OnnxExportOptions { WithCam = true, ResizeMaps = resize }, null, 0)["cam"];
        int count = _execution.Network.ClassCount, area = (int)(extents[2] * extents[3]);
        Assert.Equal([Images, count], extents.Take(2));
        return Enumerable.Range(0, count).Max(c =>
        {
            float[] expected = Map(Cam, DefaultValue, [.. Enumerable.Repeat(c, Images)], resize);
            return Made.Difference(expected, [.. Enumerable.Range(0, Images).SelectMany(n => maps.Skip(((n * count) + c) * area).Take(area))]);
        });
    }

    /// <summary>How far the exact maps of the best classes are off.</summary>
    public double BestMaps(int top) => Chosen(
        Run(new OnnxExportOptions { WithCam = true, Top = top }, null, 0)["cam"],
        [.. _logits.Chunk(_execution.Network.LogitCount).Select(row => Order(row)[..top])]);

    /// <summary>How far the exact maps of classes are off that an input says.</summary>
    public double ChosenMaps(int[][] classes) => Chosen(
        Run(new OnnxExportOptions { WithCam = true, ClassInput = true }, [.. classes.SelectMany(row => row).Select(c => (long)c)], classes[0].Length)["cam"],
        classes);

    public void Dispose()
    {
        _engine.Dispose();
        _images.Dispose();
    }

    /// <summary>The classes of a row of logits, best first.</summary>
    private static int[] Order(float[] row)
    {
        double[] all = ClassScore.PerClass(row);
        return [.. Enumerable.Range(0, all.Length).OrderByDescending(c => all[c])];
    }

    private double Chosen((float[] Values, long[] Extents) maps, int[][] classes)
    {
        int count = classes[0].Length, area = (int)(maps.Extents[2] * maps.Extents[3]);
        Assert.Equal([Images, count], maps.Extents.Take(2));
        return Enumerable.Range(0, count).Max(i => Made.Difference(
            Map(Cam, DefaultValue, [.. classes.Select(row => row[i])], false),
            [.. Enumerable.Range(0, Images).SelectMany(n => maps.Values.Skip(((n * count) + i) * area).Take(area))]));
    }

    private float[] Map(ICamMethod method, string value, IReadOnlyList<int> classes, bool resize) => resize
        ? _engine.MapToImage(method, value, [.. classes]).ToArray()
        : _engine.Map(method, value, [.. classes]).ToArray();

    /// <summary>Writes a file and runs it; its logits must be ours.</summary>
    private Dictionary<string, (float[] Values, long[] Extents)> Run(OnnxExportOptions options, long[]? classes, int perImage)
    {
        using var stream = new MemoryStream();
        OnnxExport.Write(_execution, stream, options);
        using var runtime = new Runtime(stream.ToArray());
        (string, Array, long[]) images = Runtime.Images(_execution.Graph.Input.Name, _values, _images.Shape);
        Dictionary<string, (float[] Values, long[] Extents)> results = classes is null
            ? runtime.Run(images)
            : runtime.Run(images, ("classes", classes, [Images, perImage]));
        Made.Close(_logits, results[_execution.Graph.Output.Name].Values, Tolerance, "logits");
        return results;
    }
}
