using System.Globalization;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A network as a safetensors file: <c>conv1.weight</c> [32, C, 5, 5], <c>conv1.bias</c>, <c>conv2.weight</c> [64, 32, 5, 5],
/// <c>conv2.bias</c>, <c>classifier.weight</c> [classes, 64] and perhaps <c>classifier.bias</c>, OIHW and [out, in] as PyTorch has them.
/// Widths, kernel size, channels and class count come from the shapes; the metadata adds the image size, the class names, and
/// what no tensor shows: the kind of global pooling and the number of max-pools. Without those it is the reference, average and 2.
/// Of other programs' files, the names that PyTorch's wrappers put before every tensor are dropped, and integers (step counts, indices)
/// passed over; any other tensor too many is an error, because it would be part of another network.
/// </summary>
public static class ModelFile
{
    private const string Names = "conv1.weight, conv1.bias, conv2.weight, conv2.bias, classifier.weight (and classifier.bias)";
    private static readonly string[] s_wrappers = ["module.", "_orig_mod."];

    /// <summary>Writes the network and what is needed to load it.</summary>
    /// <param name="stream">Gets the bytes.</param>
    /// <param name="network">A <see cref="LeNetGap"/>.</param>
    /// <param name="metadata">More entries for the file's metadata.</param>
    public static void Save(Stream stream, Execution network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        SafetensorsWriter.Write(
            stream, ModelMetadata.Of(network.Network.Config, metadata), network.Saved.Select(p => ParameterLayout.ToFile(p.Value, p)));
    }

    /// <summary>Makes the network of a file, on <paramref name="device"/>; the caller disposes it.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="device">Where the network will run.</param>
    /// <param name="size">Image size; null takes the file's. One of the two must be there.</param>
    /// <param name="classNames">Class names; null takes the file's, or numbers.</param>
    /// <param name="describe">What to say of the network besides; null leaves it as it is.</param>
    /// <exception cref="GpuCamException">Not a safetensors file, or not of this network.</exception>
    public static Execution Load(
        Stream stream, string name, IDevice device, int? size = null, IReadOnlyList<string>? classNames = null,
        Func<Network, Network>? describe = null) =>
        Create(SafetensorsReader.Read(stream, name), device, size, classNames, describe);

    /// <summary>The same for a file that has been read.</summary>
    public static Execution Create(
        SafetensorsFile file, IDevice device, int? size = null, IReadOnlyList<string>? classNames = null,
        Func<Network, Network>? describe = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        file = Unwrap(file);
        NetworkConfig config = ReadConfig(file, size, classNames);
        Check(file, config);    // before memory is taken for what the shapes claim
        Network described = Describe(file, config);
        var network = new Execution(device, describe?.Invoke(described) ?? described);
        try
        {
            Restore(file, network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites all parameters by the file's; on an error none.</summary>
    internal static void Restore(SafetensorsFile file, Execution network)
    {
        Check(file, network.Network.Config);
        foreach (Parameter parameter in network.Saved)
        {
            ParameterLayout.FromFile(Find(file, parameter.Name), parameter.Value, parameter);
        }
    }

    /// <summary>Throws unless the file holds exactly the parameters of a network of this configuration, all finite.</summary>
    internal static void Check(SafetensorsFile file, NetworkConfig config)
    {
        Dictionary<string, long[]> expected = FileShapes(config);
        foreach ((string name, long[] shape) in expected)
        {
            SafetensorsTensor tensor = Find(file, name);
            CheckTensor(file, tensor, shape);
            int bad = Array.FindIndex(tensor.Values, value => !float.IsFinite(value));
            if (bad >= 0)
            {
                throw new GpuCamException(
                    $"{file.Name}: value {bad} of tensor '{name}' is {tensor.Values[bad]}: give an earlier checkpoint");
            }
        }

        if (file.Tensors.FirstOrDefault(tensor => !tensor.HoldsIntegers && !expected.ContainsKey(tensor.Name)) is { } extra)
        {
            throw new GpuCamException($"{file.Name}: tensor '{extra.Name}' {extra.ShapeText} has no place in a {LeNetGap.Architecture} "
                + $"network: give a file with {Names} only");
        }
    }

    internal static void CheckTensor(SafetensorsFile file, SafetensorsTensor tensor, long[] shape)
    {
        if (!tensor.Shape.SequenceEqual(shape))
        {
            throw new GpuCamException($"{file.Name}: tensor '{tensor.Name}' is {tensor.ShapeText}, expected "
                + $"{SafetensorsTensor.Describe(shape)}: the tensors do not fit together");
        }

        _ = tensor.Values;      // throws if there are none
    }

    private static Network Describe(SafetensorsFile file, NetworkConfig config)
    {
        try
        {
            return LeNetGap.Describe(config);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{file.Name}: {e.Message}", e);
        }
    }

    /// <summary>The file with the names that its tensors had before torch.nn.DataParallel or torch.compile wrapped the network.</summary>
    private static SafetensorsFile Unwrap(SafetensorsFile file)
    {
        while (file.Tensors.Count > 0 && Array.Find(s_wrappers, IsBeforeEveryName) is { } wrapper)
        {
            file = file with { Tensors = [.. file.Tensors.Select(tensor => tensor with { Name = tensor.Name[wrapper.Length..] })] };
        }

        return file;

        bool IsBeforeEveryName(string wrapper) => file.Tensors.All(t => t.Name.StartsWith(wrapper, StringComparison.Ordinal));
    }

    private static Dictionary<string, long[]> FileShapes(NetworkConfig config)
    {
        (int first, int second, int size, int classes) = (config.Widths[0], config.Widths[1], config.KernelSize, config.ClassCount);
        var shapes = new Dictionary<string, long[]>
        {
            ["conv1.weight"] = [first, config.Channels, size, size],
            ["conv1.bias"] = [first],
            ["conv2.weight"] = [second, first, size, size],
            ["conv2.bias"] = [second],
            ["classifier.weight"] = [classes, second],
        };
        if (config.ClassifierBias)
        {
            shapes["classifier.bias"] = [classes];
        }

        return shapes;
    }

    private static NetworkConfig ReadConfig(SafetensorsFile file, int? size, IReadOnlyList<string>? classNames)
    {
        if (file.Metadata.TryGetValue(ModelMetadata.Architecture, out string? architecture) && architecture != LeNetGap.Architecture)
        {
            throw new GpuCamException(
                $"{file.Name}: architecture '{architecture}' is unknown: this program knows '{LeNetGap.Architecture}'");
        }

        IReadOnlyList<long> conv1 = Extents(file, "conv1.weight", 4, "[out, in, height, width]");
        IReadOnlyList<long> conv2 = Extents(file, "conv2.weight", 4, "[out, in, height, width]");
        IReadOnlyList<long> classifier = Extents(file, "classifier.weight", 2, "[classes, features]");
        if (ModelMetadata.Integer(file, ModelMetadata.Channels) is { } channels && channels != conv1[1])
        {
            throw new GpuCamException(
                $"{file.Name}: {ModelMetadata.Channels} is {channels}, but conv1.weight takes {conv1[1]} channels: correct the metadata");
        }

        size ??= ModelMetadata.Integer(file, ModelMetadata.Size)
            ?? throw new GpuCamException($"{file.Name}: nothing in the file says how large its images are: give the size (--size)");
        classNames ??= ModelMetadata.ClassNames(file)
            ?? [.. Enumerable.Range(0, (int)classifier[0]).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (classNames.Count != classifier[0])
        {
            throw new GpuCamException(
                $"{file.Name}: {classNames.Count} class names for a classifier of {classifier[0]} classes: give one name for each");
        }

        var config = new NetworkConfig((int)conv1[1], size.Value, classNames)
        {
            Widths = [(int)conv1[0], (int)conv2[0]],
            KernelSize = (int)conv1[2],
            ClassifierBias = file.Find("classifier.bias") is not null,
            Pooling = ModelMetadata.PoolingOf(file),
            Pools = ModelMetadata.Integer(file, ModelMetadata.Pools) ?? 2,
        };
        try
        {
            config.Validate();
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{file.Name}: {e.Message}", e);
        }

        return config;
    }

    private static IReadOnlyList<long> Extents(SafetensorsFile file, string name, int rank, string meaning)
    {
        SafetensorsTensor tensor = Find(file, name);
        return tensor.Shape.Count == rank && !tensor.Shape.Contains(0)
            ? tensor.Shape
            : throw new GpuCamException(
                $"{file.Name}: tensor '{name}' is {tensor.ShapeText}, expected {meaning}: give a file of this network");
    }

    private static SafetensorsTensor Find(SafetensorsFile file, string name)
    {
        if (file.Find(name) is { } tensor)
        {
            return tensor;
        }

        if (file.Tensors.FirstOrDefault(t => t.Name.EndsWith($".{name}", StringComparison.Ordinal)) is { } prefixed)
        {
            throw new GpuCamException(
                $"{file.Name}: tensor '{name}' is called '{prefixed.Name}': save it without what stands before its name");
        }

        string there = file.Tensors.Count == 0 ? "no tensors at all" : string.Join(", ", file.Tensors.Select(t => t.Name).Take(12));
        throw new GpuCamException($"{file.Name}: tensor '{name}' is missing; the file holds {there}: give a file with {Names}");
    }
}
