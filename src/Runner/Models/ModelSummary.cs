using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Models;

/// <summary>A value of a network: name, extents for one image, and what makes it.</summary>
internal sealed record ShownValue(string Name, int Width, int Height, int Channels, string Kind)
{
    public static ShownValue Of(Value value) =>
        new(value.Name, value.Shape.W, value.Shape.H, value.Shape.C, value.Producer?.Kind ?? "input");
}

/// <summary>What <c>gpucam model show</c> says.</summary>
internal sealed record ModelSummary
{
    public required string File { get; init; }

    /// <summary>What kind of file it is, for people.</summary>
    public required string Format { get; init; }

    public required IReadOnlyList<ShownValue> Inputs { get; init; }

    public required IReadOnlyList<ShownValue> Outputs { get; init; }

    public required long Parameters { get; init; }

    /// <summary>For one image.</summary>
    public required long MultiplyAdds { get; init; }

    public required int Nodes { get; init; }

    public required int Classes { get; init; }

    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Its last nodes.</summary>
    public required string Ending { get; init; }

    /// <summary>Methods that can map it.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Why the exact map is not among them; absent where it is.</summary>
    public string? WithoutCam { get; init; }

    /// <summary>How pictures become its input; absent where nothing says it.</summary>
    public string? Preprocessing { get; init; }

    /// <summary>Whether images of a batch see each other, so that they run one by one.</summary>
    public required bool MixesImages { get; init; }

    /// <summary>What is mapped unless another is asked for; absent where nothing can be.</summary>
    public string? DefaultLayer { get; init; }

    /// <summary>What can be mapped, or all there is.</summary>
    public required IReadOnlyList<ShownValue> Layers { get; init; }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="GpuCamException">It is none that can be run.</exception>
    public static ModelSummary Of(NetworkRequest request, bool everyNode)
    {
        string path = request.Path;
        if (!NetworkLoader.IsOnnx(path))
        {
            using var device = new HostDevice(Backend.Cpu, 1);
            using Execution own = NetworkLoader.Load(request, device);
            SafetensorsFile file = NetworkLoader.ReadOwn(request);
            string kind = HeadFile.IsHead(file) ? $"a head for {HeadFile.Read(file).Base}" : own.Network.Config.Architecture;
            return Of(own.Network, path, $"safetensors, {kind}", everyNode);
        }

        OnnxNetwork onnx = NetworkLoader.ReadOnnx(request);
        string producer = onnx.Producer.Length > 0 ? $" by {onnx.Producer}" : "";
        string format = $"ONNX, opset {onnx.Opset}{producer}";
        string head = NetworkLoader.TakesHead(request, new Network(onnx.Graph, [])) ? $", with {request.Head!.Title()}" : "";
        return Of(NetworkLoader.Describe(request, onnx), path, format + head, everyNode);
    }

    private static ModelSummary Of(Network network, string file, string format, bool everyNode)
    {
        Graph graph = network.Graph;
        return new ModelSummary
        {
            File = file,
            Format = format,
            Inputs = [.. graph.Inputs.Select(ShownValue.Of)],
            Outputs = [.. graph.Outputs.Select(ShownValue.Of)],
            Parameters = graph.ParameterCount,
            MultiplyAdds = graph.MultiplyAdds,
            Nodes = graph.Nodes.Count,
            Classes = network.ClassCount,
            ClassNames = network.ClassNames,
            Ending = network.Ending,
            Methods = [.. CamMethods.For(network).Select(method => method.Name)],
            WithoutCam = network.Tail is null ? "no cam: it needs global pooling and at most one linear layer behind the last feature maps"
            : null,
            Preprocessing = network.Preprocessing?.Name,
            MixesImages = graph.MixesImages,
            DefaultLayer = network.DefaultValue?.Name,
            Layers = [.. (everyNode ? graph.Nodes.Select(node => node.Output) : network.MappableValues).Select(ShownValue.Of)],
        };
    }
}
