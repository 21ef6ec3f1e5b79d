using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Model.Onnx;

namespace GpuCam.Tests.Fuzzing;

/// <summary>
/// ONNX models, damaged by bytes and by fields. Reading one is to make its graph, infer its extents and read its parameters; of small ones
/// some run as well.
/// </summary>
internal sealed class OnnxKind(string name, Func<IEnumerable<string>> files) : FuzzKind
{
    private const int Longest = 40_000, Chunk = 1 << 16;
    private const long MostRun = 1 << 20;

    private static readonly Lazy<HostDevice> s_device = new(() => new HostDevice(Backend.Cpu, 1));

    private readonly Lazy<(byte[] File, ProtobufMessage Tree)[]> _sound = new(() =>
        [.. files().Select(path => File.ReadAllBytes(path)).Where(file => file.Length <= Longest)
            .Select(file => (file, MutatedOnnx.Parse(file)))]);

    public override string Name => name;

    public override int Few => 4000;

    public override long MostBytes => 600_000_000;

    public override TimeSpan MostTime => TimeSpan.FromSeconds(1);

    public override string? Missing => name == "onnx" ? null : OnnxSuite.Missing;

    /// <summary>Small networks as PyTorch exports them.</summary>
    public static IEnumerable<string> Networks() =>
        Directory.EnumerateFiles(PeerFolder.Small, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>ONNX's own tests of operators that run here.</summary>
    public static IEnumerable<string> Operators() =>
        OnnxConformanceTests.Cases.Cast<object[]>().Select(row => Path.Combine(OnnxSuite.Folder, (string)row[0], "model.onnx"));

    public override byte[] Make(long number)
    {
        Random random = RandomOf(number);
        (byte[] file, ProtobufMessage tree) = _sound.Value[number % _sound.Value.Length];
        return random.Next(5) == 0 ? DamagedBytes.Make(file, random) : MutatedOnnx.Make(tree, random);
    }

    public override void Read(byte[] bytes, long number, string name)
    {
        var options = new OnnxImportOptions { KeepsEnding = number % 2 == 0 };
        Graph graph = OnnxNetwork.Read(bytes, name, options).Graph;
        try
        {
            Shape[] inputs = [.. graph.Inputs.Select(input => input.Shape)];
            Shape[] shapes = graph.Infer(inputs);
            long floats = shapes.Sum(shape => (long)shape.Count), work = graph.MultiplyAdds + graph.Nodes.Sum(Looks);
            foreach (GraphParameter parameter in graph.Parameters)
            {
                Copy(parameter);
                floats += parameter.Shape.Count;
            }

            Assert.All(inputs, (shape, i) => Assert.Equal(shape, shapes[i]));
            if (floats is > 0 and < MostRun && work is >= 0 and < MostRun)
            {
                Run(graph, inputs);
            }
        }
        catch (GpuCamException e)
        {
            // What comes after reading has no file to name.
            throw new GpuCamException($"{name}: {e.Message}", e);
        }
    }

    /// <summary>How often windows that multiply nothing look at something, at most.</summary>
    private static long Looks(Node node) => node.Output.Shape.Count * node switch
    {
        MaxPool2DNode pool => Math.Min(MostRun, (long)pool.Rule.KH * pool.Rule.KW),
        AveragePool2DNode pool => Math.Min(MostRun, (long)pool.Rule.KH * pool.Rule.KW),
        LocalResponseNormalizationNode => node.Output.Shape.C,
        _ => 1,
    };

    private static void Copy(GraphParameter parameter)
    {
        float[] chunk = new float[Math.Min(Chunk, parameter.Shape.Count)];
        if (parameter.Shape.Count <= Chunk)
        {
            parameter.Data!.CopyTo(chunk, 0);
            return;
        }

        // As a device does it, in parts where the layout lets it.
        _ = parameter.Data!.ToArray(parameter.Shape.Count);
    }

    private static void Run(Graph graph, Shape[] inputs)
    {
        using var execution = new Execution(s_device.Value, new Network(graph, []));
        Tensor[] images = [.. inputs.Select((shape, i) => new Tensor(s_device.Value, $"image {i}", shape))];
        foreach (Tensor image in images)
        {
            image.CopyFrom([.. Enumerable.Range(0, image.Shape.Count).Select(i => (i % 17 / 8f) - 1)]);
        }

        try
        {
            Assert.Equal(graph.Output.Shape.Count, execution.Forward(images).ToArray().Length);
        }
        finally
        {
            foreach (Tensor image in images)
            {
                image.Dispose();
            }
        }
    }
}
