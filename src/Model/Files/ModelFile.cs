using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A network of this program's own as a safetensors file: every parameter of its graph by its name, running statistics among them, OIHW and
/// [out, in] as PyTorch has them; the metadata say which of <see cref="Architectures"/> it is, and what no tensor shows
/// (<see cref="ModelMetadata"/>). Of other programs' files, the names that PyTorch's wrappers put before every tensor are dropped, and
/// integers (step counts, indices) passed over; any other tensor too many is an error, because it would be part of another network.
/// </summary>
public static class ModelFile
{
    internal const string MeanImageName = "preprocessing.mean_image";
    private static readonly string[] s_wrappers = ["module.", "_orig_mod."];

    /// <summary>Writes the network and what is needed to load it.</summary>
    /// <param name="stream">Gets the bytes.</param>
    /// <param name="network">One of <see cref="Architectures"/>.</param>
    /// <param name="metadata">More entries for the file's metadata.</param>
    public static void Save(Stream stream, Execution network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        IEnumerable<SafetensorsTensor> tensors = network.Saved.Select(parameter => ParameterLayout.ToFile(parameter.Value, parameter));
        if (network.Network.Preprocessing?.MeanImage is { } mean)
        {
            tensors = tensors.Append(new SafetensorsTensor(MeanImageName, [mean.Channels, mean.Height, mean.Width], mean.ToPlanes()));
        }

        SafetensorsWriter.Write(stream, ModelMetadata.Of(network.Network, metadata), tensors);
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
        Network described = Describe(file, ModelConfig.Read(file, size, classNames));
        Check(file, described);     // before memory is taken for what the shapes claim
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

    /// <summary>How pictures are prepared, as a file says; null where it does not.</summary>
    /// <exception cref="GpuCamException">It says what cannot be done.</exception>
    internal static Preprocessing? PreprocessingOf(SafetensorsFile file)
    {
        if (!file.Metadata.ContainsKey(PictureMetadata.PreprocessingKey))
        {
            return null;
        }

        Preprocessing preprocessing = PictureMetadata.PreprocessingOf(file.Metadata, file.Name)!;
        if (file.Find(MeanImageName) is not { } mean)
        {
            return preprocessing;
        }

        return mean.Shape is [var channels, var height, var width] && !mean.Shape.Contains(0)
            ? preprocessing with { MeanImage = MeanImage.FromPlanes(mean.Values, (int)channels, (int)height, (int)width) }
            : throw new GpuCamException($"{file.Name}: tensor '{mean.Name}' is {mean.ShapeText}, expected [channels, height, width]");
    }

    /// <summary>The architecture that a file names; null where it names none.</summary>
    public static string? ArchitectureOf(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.GetValueOrDefault(ModelMetadata.Architecture);
    }

    /// <summary>Overwrites all parameters by the file's; on an error none.</summary>
    internal static void Restore(SafetensorsFile file, Execution network)
    {
        Check(file, network.Network);
        foreach (Parameter parameter in network.Saved)
        {
            ParameterLayout.FromFile(Find(file, parameter.Name, network.Network), parameter.Value, parameter);
        }
    }

    /// <summary>Throws unless the file holds exactly the parameters of the network, all finite.</summary>
    internal static void Check(SafetensorsFile file, Network network)
    {
        HashSet<string> expected = [MeanImageName];
        foreach (GraphParameter parameter in network.Graph.Parameters.Where(parameter => parameter.IsSaved))
        {
            SafetensorsTensor tensor = Find(file, parameter.Name, network);
            CheckTensor(file, tensor, ParameterLayout.FileShape(parameter.Kind, parameter.Shape));
            CheckFinite(file, tensor);
            expected.Add(parameter.Name);
        }

        if (file.Tensors.FirstOrDefault(tensor => !tensor.HoldsIntegers && !expected.Contains(tensor.Name)) is { } extra)
        {
            throw new GpuCamException($"{file.Name}: tensor '{extra.Name}' {extra.ShapeText} has no place in a "
                + $"{network.Config.Architecture} network: give a file with {Names(network)} only");
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

    internal static void CheckFinite(SafetensorsFile file, SafetensorsTensor tensor)
    {
        int bad = Array.FindIndex(tensor.Values, value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new GpuCamException(
                $"{file.Name}: value {bad} of tensor '{tensor.Name}' is {tensor.Values[bad]}: give an earlier checkpoint");
        }
    }

    /// <summary>The file with the names that its tensors had before torch.nn.DataParallel or torch.compile wrapped the network.</summary>
    internal static SafetensorsFile Unwrap(SafetensorsFile file)
    {
        while (file.Tensors.Count > 0 && Array.Find(s_wrappers, IsBeforeEveryName) is { } wrapper)
        {
            file = file with { Tensors = [.. file.Tensors.Select(tensor => tensor with { Name = tensor.Name[wrapper.Length..] })] };
        }

        return file;

        bool IsBeforeEveryName(string wrapper) => file.Tensors.All(t => t.Name.StartsWith(wrapper, StringComparison.Ordinal));
    }

    /// <summary>The tensor of that name; if there is none, an error that says to give a file with what is expected.</summary>
    internal static SafetensorsTensor Find(SafetensorsFile file, string name, string expected)
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
        throw new GpuCamException($"{file.Name}: tensor '{name}' is missing; the file holds {there}: give a file with {expected}");
    }

    private static SafetensorsTensor Find(SafetensorsFile file, string name, Network network) =>
        file.Find(name) ?? Find(file, name, Names(network));

    private static string Names(Network network) =>
        NameList.Of(network.Graph.Parameters.Where(parameter => parameter.IsSaved).Select(parameter => parameter.Name));

    private static Network Describe(SafetensorsFile file, NetworkConfig config)
    {
        try
        {
            return Architectures.Describe(config);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{file.Name}: {e.Message}", e);
        }
    }
}
