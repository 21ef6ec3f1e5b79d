using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Runs a model: all its outputs, numbers and extents, for inputs (float[] or long[]) by name.</summary>
internal delegate Task<Dictionary<string, (float[] Values, long[] Extents)>> ModelRunner(
    byte[] model, params (string Name, Array Numbers, long[] Extents)[] inputs);

/// <summary>A network and images, and how far apart is what somebody else makes of files of it.</summary>
internal sealed class ExportCheck : IDisposable
{
    /// <summary>How far numbers may be apart, as a part of the largest.</summary>
    public const double Tolerance = 1e-4;

    private readonly Execution _execution;
    private readonly ModelRunner _run;
    private readonly CamEngine _engine;
    private readonly Tensor _images;
    private readonly float[] _values, _logits;

    /// <summary>A network.</summary>
    /// <param name="execution">It, and its weights; somebody else owns it.</param>
    /// <param name="images">How many random images run together.</param>
    /// <param name="run">Who runs the files.</param>
    public ExportCheck(Execution execution, int images, ModelRunner run)
    {
        (_execution, _run) = (execution, run);
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

    /// <summary>The first value behind an activation: early in the network, and without negative numbers in most.</summary>
    public string EarlyValue => Values.FirstOrDefault(name => _execution.Graph.Value(name).Producer is ReluNode or UnaryNode) ?? Values[0];

    /// <summary>How far the logits were apart in all files so far.</summary>
    public double LogitDifference { get; private set; }

    /// <summary>Values that can be mapped.</summary>
    public IReadOnlyList<string> Values => _engine.LayerNames;

    /// <summary>The class of each image that the network prefers.</summary>
    public IReadOnlyList<int> Best { get; }

    private static ICamMethod Cam { get; } = CamMethods.Create("cam");

    private int Images => Best.Count;

    /// <summary>
    /// All methods in one line, which says how far each is off. Fails where one is further off than <see cref="Tolerance"/>, unless the
    /// network itself moves it by a tenth of that when an image changes in its last digits: at a kink or a tie gradients jump, and nothing
    /// that rounds otherwise gives the same.
    /// </summary>
    public async Task<string> Report()
    {
        var said = new List<string>();
        foreach (string method in OnnxExportOptions.GradientMethods)
        {
            Say(method, await Gradient(method, DefaultValue), () => Map(CamMethods.Create(method), DefaultValue, Best, false));
        }

        ICamMethod usual = CamMethods.Create("gradcam");
        Say("gradcam resized", await Gradient("gradcam", DefaultValue, resize: true), () => Map(usual, DefaultValue, Best, true));
        Say($"gradcam of {EarlyValue}", await Gradient("gradcam", EarlyValue), () => Map(usual, EarlyValue, Best, false));
        if (HasCam)
        {
            Say("cam", await BestMaps(2), () => Map(Cam, DefaultValue, Best, false));
        }

        Say("logits", LogitDifference, () => _execution.Forward(_images).ToArray());
        string report = string.Join(", ", said);
        Assert.False(report.Contains('!', StringComparison.Ordinal), report);
        return report;

        void Say(string what, double difference, Func<float[]> make)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{what} {difference:e1}");
            if (difference > Tolerance)
            {
                double own = Sensitivity(make);
                text = string.Create(CultureInfo.InvariantCulture, $"{text} (it moves by {own:e1}){(difference > 10 * own ? "!" : "")}");
            }

            said.Add(text);
        }
    }

    /// <summary>How far a map by gradients is off.</summary>
    /// <param name="method">By which method.</param>
    /// <param name="value">Of which value.</param>
    /// <param name="classes">Classes that an input says; null for the predicted ones.</param>
    /// <param name="resize">Whether maps are to be as large as the images.</param>
    /// <param name="opset">Of the operators.</param>
    public async Task<double> Gradient(
        string method, string value, IReadOnlyList<int>? classes = null, bool resize = false, int opset = 13)
    {
        var options = new OnnxExportOptions
        {
            Opset = opset, GradientValue = value, GradientMethod = method, ClassInput = classes is not null, ResizeMaps = resize,
        };
        (float[] map, long[] extents) = (await Run(options, classes is null ? null : [.. classes.Select(c => (long)c)]))[method];
        Shape shape = resize ? _images.Shape : _execution.Activation(value).Shape;
        Assert.Equal([Images, 1, shape.H, shape.W], extents);
        return Made.Difference(Map(CamMethods.Create(method), value, classes ?? Best, resize), map);
    }

    /// <summary>How far the exact maps of all classes are off.</summary>
    public async Task<double> AllMaps(bool resize) =>
        AllMaps((await Run(new OnnxExportOptions { WithCam = true, ResizeMaps = resize }, null))["cam"], resize);

    /// <summary>How far maps are off in a file that has both kinds, or the one by gradients alone where there is no exact one.</summary>
    public async Task<double> Both(string method, string value)
    {
        var options = new OnnxExportOptions { WithCam = HasCam, GradientValue = value, GradientMethod = method };
        Dictionary<string, (float[] Values, long[] Extents)> results = await Run(options, null);
        double gradient = Made.Difference(Map(CamMethods.Create(method), value, Best, false), results[method].Values);
        return HasCam ? Math.Max(gradient, AllMaps(results["cam"], resize: false)) : gradient;
    }

    private double AllMaps((float[] Values, long[] Extents) given, bool resize)
    {
        (float[] maps, long[] extents) = given;
        int count = _execution.Network.ClassCount, area = (int)(extents[2] * extents[3]);
        Assert.Equal([Images, count], extents.Take(2));
        return Enumerable.Range(0, count).Max(c =>
        {
            float[] ofClass = [.. Enumerable.Range(0, Images).SelectMany(n => maps.Skip(((n * count) + c) * area).Take(area))];
            return Made.Difference(Map(Cam, DefaultValue, [.. Enumerable.Repeat(c, Images)], resize), ofClass);
        });
    }

    /// <summary>How far the exact maps of the best classes are off.</summary>
    public async Task<double> BestMaps(int top) => Chosen(
        (await Run(new OnnxExportOptions { WithCam = true, Top = top }, null))["cam"],
        [.. _logits.Chunk(_execution.Network.LogitCount).Select(row => Order(row)[..top])]);

    /// <summary>How far the exact maps of classes are off that an input says.</summary>
    public async Task<double> ChosenMaps(int[][] classes)
    {
        var options = new OnnxExportOptions { WithCam = true, ClassInput = true };
        return Chosen((await Run(options, [.. classes.SelectMany(row => row).Select(c => (long)c)]))["cam"], classes);
    }

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

    /// <summary>Writes a file and has it run.</summary>
    private async Task<Dictionary<string, (float[] Values, long[] Extents)>> Run(OnnxExportOptions options, long[]? classes)
    {
        using var stream = new MemoryStream();
        OnnxExport.Write(_execution, stream, options);
        Shape shape = _images.Shape;
        (string, Array, long[])[] images =
            [(_execution.Graph.Input.Name, Made.Turned(_values, shape), [shape.N, shape.C, shape.H, shape.W])];
        Dictionary<string, (float[] Values, long[] Extents)> results = await _run(
            stream.ToArray(), classes is null ? images : [.. images, ("classes", classes, [Images, classes.Length / Images])]);
        LogitDifference = Math.Max(LogitDifference, Made.Difference(_logits, results[_execution.Graph.Output.Name].Values));
        return results;
    }

    /// <summary>How far a result moves, at most, when the images change in their last digits: a few times, as jumps are rare.</summary>
    private double Sensitivity(Func<float[]> make)
    {
        float[] before = make();
        double largest = 0;
        for (int bits = 20; bits >= 17; bits--)
        {
            _images.CopyFrom([.. _values.Select(value => value * (1 + (1f / (1 << bits))))]);
            _execution.Forward(_images);
            largest = Math.Max(largest, Made.Difference(before, make()));
        }

        _images.CopyFrom(_values);
        _execution.Forward(_images);
        return largest;
    }
}
