using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Models;

/// <summary>Makes the network of a file: one of this program's own, or ONNX.</summary>
internal static class ModelLoader
{
    private const string Onnx = ".onnx";

    /// <summary>The file that is meant: of a run's folder its best model, of a fetched model's name the file in the cache.</summary>
    public static string FileOf(string path)
    {
        if (Directory.Exists(path))
        {
            return Path.Combine(path, "best.safetensors");
        }

        if (!File.Exists(path) && ModelSource.Known.FirstOrDefault(model => model.Name == path) is { } known)
        {
            string file = Path.Combine(CacheFolder.Locate(null), known.Name, known.Files[0].Name);
            return File.Exists(file) ? file : throw new GpuCamException($"{path} is not fetched yet; give 'gpucam model get {path}' first");
        }

        return path;
    }

    /// <summary>The architecture of weights, by their file.</summary>
    /// <exception cref="GpuCamException">It is none that this program builds.</exception>
    public static string ArchitectureOf(string weights) => InitialWeights.Read(FileOf(weights)).Architecture
        ?? throw new GpuCamException($"{weights}: these are the weights of no network that this program builds; give --arch as well, or "
            + $"weights of {string.Join(", ", Architectures.Names)}");

    /// <summary>Whether a file is read as ONNX.</summary>
    public static bool IsOnnx(string path) => path.EndsWith(Onnx, StringComparison.OrdinalIgnoreCase);

    /// <summary>Loads a network; the caller disposes it.</summary>
    /// <exception cref="GpuCamException">The file is none that can be run, or what was said of it does not fit.</exception>
    public static Execution Load(ModelRequest request, IDevice device)
    {
        string path = FileOf(request.Path);
        if (!IsOnnx(path))
        {
            return LoadOwn(request, ReadOwn(request, path), device);
        }

        var execution = new Execution(device, Describe(request, path, Read(request, path)));
        execution.LoadInBackground();
        return execution;
    }

    /// <summary>Reads an ONNX file; one that takes images of any size is made for the size asked for, or the usual one.</summary>
    public static OnnxNetwork Read(ModelRequest request, string path)
    {
        IReadOnlyList<string>? outputs = request.Logits is { } logits ? [logits] : null;
        int? side = request.Size;
        return OnnxNetwork.Read(path, new OnnxImportOptions
        {
            Outputs = outputs,
            Size = side is { } given ? (given, given) : null,
            UsualSide = Preprocessing.UsualSide,
        });
    }

    /// <summary>The network of an ONNX file, with what lies beside the file and what the user says.</summary>
    public static Network Describe(ModelRequest request, string path, OnnxNetwork onnx)
    {
        Graph graph = onnx.Graph;
        var network = new Network(graph, []);
        if (BuiltInHead.Of(request, network) is { } head)
        {
            return Named(head.Attach(network with { Preprocessing = Sidecars.Preprocessing(path) }), request);
        }

        if (graph.Output.Shape.Area > 1)
        {
            throw new GpuCamException($"{path}: the output '{graph.Output.Name}' is {graph.Output.Shape.W}x{graph.Output.Shape.H}x"
                + $"{graph.Output.Shape.C}, a picture and no classes: segmentation and detection are not explained; give a classifier"
                + (graph.Outputs.Count > 1 ? ", or --logits with another output" : ""));
        }

        IReadOnlyDictionary<string, string> metadata = onnx.Metadata;
        IReadOnlyList<string> names = request.Classes is { } classes
            ? ClassNames.Load(classes, network.ClassCount)
            : Sidecars.Classes(path, network.ClassCount)?.Names
                ?? PictureMetadata.ClassesOf(metadata, path, network.ClassCount)
                ?? [.. Enumerable.Range(0, network.ClassCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        Preprocessing? preprocessing = request.Preprocess is not null ? null
            : Sidecars.Preprocessing(path) ?? PictureMetadata.PreprocessingOf(metadata, path);
        return Fit(network with { ClassNames = names, Preprocessing = preprocessing }, request);
    }

    /// <summary>A safetensors file.</summary>
    /// <exception cref="GpuCamException">It cannot be read, or is none.</exception>
    public static SafetensorsFile ReadOwn(ModelRequest request, string path)
    {
        if (request.Logits is not null)
        {
            throw new GpuCamException($"--logits {request.Logits}: {path} has one output; leave the option out");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return SafetensorsReader.Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{path}: the model cannot be read ({e.Message.TrimEnd('.')}); give a file that 'gpucam train' wrote, or one of ONNX", e);
        }
    }

    /// <summary>A network with a head, under the names and with the preprocessing that were asked for.</summary>
    public static Network Named(Network network, ModelRequest request) => Fit(
        request.Classes is { } classes ? network with { ClassNames = ClassNames.Load(classes, network.ClassCount) } : network, request);

    private static Execution LoadOwn(ModelRequest request, SafetensorsFile file, IDevice device)
    {
        if (HeadFile.IsHead(file))
        {
            return HeadLoader.Load(request, HeadFile.Read(file), file.Name, device);
        }

        IReadOnlyList<string>? names = request.Classes is { } classes ? ClassNames.Load(classes) : null;
        return ModelFile.Create(file, device, request.Size, names, network => Fit(network, request));
    }

    /// <summary>The network with a preprocessing that makes inputs of its size: the one asked for, else its own.</summary>
    private static Network Fit(Network network, ModelRequest request)
    {
        Preprocessing? known = request.Preprocess is { } preset ? PreprocessingFile.PresetOrFile(preset) : network.Preprocessing;
        if (known is not { } preprocessing)
        {
            return network;
        }

        Shape image = network.Graph.Input.Shape;
        bool anySize = preprocessing.Fit == PictureFit.None && request.Fit is null;
        Preprocessing fitted = (request.Fit is { } fit ? preprocessing with { Fit = fit } : preprocessing)
            .ForNetwork(anySize ? null : image.H, anySize ? null : image.W, image.C);
        return network with { Preprocessing = fitted };
    }
}
