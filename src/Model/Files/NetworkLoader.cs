using System.Globalization;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Makes the network of a file: ONNX, one of this program's own (safetensors), or a head for another one. What lies beside an ONNX file
/// (<see cref="Sidecars"/>) or in its metadata says how pictures become its input and what its classes are called.
/// </summary>
public static class NetworkLoader
{
    private const string OnnxEnding = ".onnx";

    /// <summary>The file that is meant: of a run's folder its best model.</summary>
    public static string FileOf(string path) => Directory.Exists(path) ? Path.Combine(path, "best.safetensors") : path;

    /// <summary>Whether a file is read as ONNX.</summary>
    public static bool IsOnnx(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(OnnxEnding, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Loads a network; the caller disposes it, and <paramref name="device"/> after it.</summary>
    /// <exception cref="GpuCamException">The file is none that can be run, or what was said of it does not fit.</exception>
    public static Execution Load(NetworkRequest request, IDevice device)
    {
        request = Located(request);
        if (!IsOnnx(request.Path))
        {
            return LoadOwn(request, ReadOwn(request), device);
        }

        return LoadOnnx(request, device, network => network);
    }

    /// <summary>Loads a network that is made of a file's; parameters that both have are the same. The caller disposes it.</summary>
    /// <param name="request">The file.</param>
    /// <param name="device">Where the network will run.</param>
    /// <param name="make">Gets the file's network, whose graph is spent then.</param>
    /// <exception cref="GpuCamException">The file is none that can be run, or what was said of it does not fit.</exception>
    public static Execution Load(NetworkRequest request, IDevice device, Func<Network, Network> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        request = Located(request);
        if (IsOnnx(request.Path))
        {
            return LoadOnnx(request, device, make);
        }

        using Execution body = Load(request, device);
        var own = new Execution(device, make(body.Network));
        HeadNetwork.CopyShared(body, own);
        return own;
    }

    /// <summary>Reads an ONNX file; one that takes images of any size is made for the size asked for, or the usual one.</summary>
    /// <exception cref="GpuCamException">It is none that can be run.</exception>
    public static OnnxNetwork ReadOnnx(NetworkRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OnnxNetwork.Read(request.Path, new OnnxImportOptions
        {
            Outputs = request.Logits is { } logits ? [logits] : null,
            Size = request.Size is { } side ? (side, side) : null,
            UsualSide = Preprocessing.UsualSide,
        });
    }

    /// <summary>The network of an ONNX file, with what lies beside the file and what was said of it.</summary>
    /// <exception cref="GpuCamException">It is no classifier, or what was said does not fit.</exception>
    public static Network Describe(NetworkRequest request, OnnxNetwork onnx)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(onnx);
        (string path, Graph graph) = (request.Path, onnx.Graph);
        var network = new Network(graph, []);
        if (TakesHead(request, network))
        {
            return Named(request.Head!.Attach(network with { Preprocessing = Sidecars.Preprocessing(path) }), request);
        }

        if (graph.Output.Shape.Area > 1)
        {
            throw new GpuCamException($"{path}: the output '{graph.Output.Name}' is {graph.Output.Shape.W}x{graph.Output.Shape.H}x"
                + $"{graph.Output.Shape.C}, a picture and no classes: segmentation and detection are not explained; give a classifier"
                + (graph.Outputs.Count > 1 ? ", or --logits with another output" : ""));
        }

        IReadOnlyDictionary<string, string> metadata = onnx.Metadata;
        IReadOnlyList<string> names = request.ClassNames is not null ? []
            : Sidecars.Classes(path, network.ClassCount)?.Names
                ?? PictureMetadata.ClassesOf(metadata, path, network.ClassCount)
                ?? [.. Enumerable.Range(0, network.ClassCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        Preprocessing? preprocessing = request.Preprocessing is not null ? null
            : Sidecars.Preprocessing(path) ?? PictureMetadata.PreprocessingOf(metadata, path);
        return Named(network with { ClassNames = names, Preprocessing = preprocessing }, request);
    }

    /// <summary>Whether a network gets the head that a request has for those without one.</summary>
    public static bool TakesHead(NetworkRequest request, Network network)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(network);
        return request.Head is not null && network.Tail is { Classifier: null };
    }

    /// <summary>Reads a safetensors file.</summary>
    /// <exception cref="GpuCamException">It cannot be read, or is none.</exception>
    public static SafetensorsFile ReadOwn(NetworkRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string path = request.Path;
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
            throw Unreadable(path, e);
        }
    }

    internal static GpuCamException Unreadable(string path, Exception e) => new(
        $"{path}: the model cannot be read ({e.Message.TrimEnd('.')}); give a file that 'gpucam train' wrote, one of ONNX, or a run folder",
        e);

    private static NetworkRequest Located(NetworkRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request with { Path = FileOf(request.Path) };
    }

    private static Execution LoadOnnx(NetworkRequest request, IDevice device, Func<Network, Network> make)
    {
        var execution = new Execution(device, make(Describe(request, ReadOnnx(request))));
        execution.LoadInBackground();
        return execution;
    }

    private static Execution LoadOwn(NetworkRequest request, SafetensorsFile file, IDevice device)
    {
        if (HeadFile.IsHead(file))
        {
            var head = HeadFile.Read(file);
            var known = BaseFile.OfHead(head, file.Name, request.FindBase);
            return Load(
                new NetworkRequest(known.File) { Size = request.Size, FindBase = request.FindBase }, device,
                body => Named(head.Attach(body), request));
        }

        return ModelFile.Create(file, device, request.Size, request.ClassNames, network => Fit(network, request));
    }

    /// <summary>A network under the names and with the preprocessing that were asked for.</summary>
    private static Network Named(Network network, NetworkRequest request)
    {
        if (request.ClassNames is not { } names)
        {
            return Fit(network, request);
        }

        return names.Count == network.ClassCount ? Fit(network with { ClassNames = names }, request) : throw new GpuCamException(
            $"{request.Path}: there are {names.Count} names, but the network has {network.ClassCount} classes; give its own");
    }

    /// <summary>The network with a preprocessing that makes inputs of its size: the one asked for, else its own.</summary>
    private static Network Fit(Network network, NetworkRequest request)
    {
        if ((request.Preprocessing ?? network.Preprocessing) is not { } preprocessing)
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
