using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Weights to begin with: those of a safetensors file, of this program, torchvision or timm, by the names of their tensors; or those of an
/// ONNX file, by the order of its layers (<see cref="OnnxWeights"/>). The layer that knows the classes (<see cref="Architecture.Head"/>) is
/// taken if it fits; all others must fit as far as they are there, for a network that has but half of its weights learns from neither.
/// </summary>
public sealed class InitialWeights
{
    private const int Named = 4;
    private readonly SafetensorsFile? _tensors;
    private readonly OnnxWeights? _layers;

    private InitialWeights(string file, SafetensorsFile? tensors, OnnxWeights? layers, Preprocessing? preprocessing) =>
        (File, _tensors, _layers, Preprocessing) = (file, tensors, layers, preprocessing);

    /// <summary>Where they are from.</summary>
    public string File { get; }

    /// <summary>
    /// How pictures were prepared when they were learned, as the file or what lies beside it says; null where nothing does: files of
    /// torchvision go with what is usual for the architecture. A network that takes the weights should take this too
    /// (<see cref="NetworkConfig.Preprocessing"/>).
    /// </summary>
    public Preprocessing? Preprocessing { get; }

    /// <summary>
    /// The one of <see cref="Architectures"/> that they are of: the one that the file names, or that has all its layers; null where none
    /// has.
    /// </summary>
    public string? Architecture => _layers is not null
        ? _layers.Architecture
        : ModelFile.ArchitectureOf(_tensors!) ?? Architectures.All.FirstOrDefault(IsOf)?.Name;

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file that ends in .onnx, or a safetensors file.</param>
    /// <exception cref="GpuCamException">It is neither, or damaged.</exception>
    public static InitialWeights Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            var onnx = OnnxNetwork.Read(
                path, new OnnxImportOptions { KeepsNormalizations = true, UsualSide = Model.Preprocessing.UsualSide });
            return new InitialWeights(path, null, new OnnxWeights(path, onnx.Graph),
                Sidecars.Preprocessing(path) ?? PictureMetadata.PreprocessingOf(onnx.Metadata, path));
        }

        try
        {
            using FileStream stream = System.IO.File.OpenRead(path);
            return Of(SafetensorsReader.Read(stream, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{path}: the weights cannot be read ({e.Message.TrimEnd('.')}); give a .safetensors or .onnx file", e);
        }
    }

    /// <summary>Those of a safetensors file that has been read.</summary>
    public static InitialWeights Of(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new InitialWeights(
            file.Name, ModelFile.Unwrap(file), null, ModelFile.PreprocessingOf(file) ?? Sidecars.Preprocessing(file.Name));
    }

    /// <summary>Overwrites those parameters of a network that the file has; on an error none.</summary>
    /// <param name="network">One of <see cref="Architectures"/>.</param>
    /// <param name="report">Gets one or two lines: what was taken, what was left out, and what stays as it was initialised.</param>
    /// <exception cref="GpuCamException">The weights are of another network.</exception>
    public void CopyTo(Execution network, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(report);
        string head = $"{Architectures.Find(network.Network.Config.Architecture).Head}.";
        var taken = new HashSet<string>();
        List<string> left = _layers is not null ? _layers.CopyTo(network, taken) : CopyByName(network, _tensors!, head, taken);
        string also = left.Count > 0 ? $"; left out: {Some(left)}" : "";
        report($"{File}: {taken.Count} of the network's {network.Saved.Count} tensors taken{also}");
        List<string> initialised = [.. network.Saved.Select(parameter => parameter.Name).Where(name => !taken.Contains(name))];
        if (initialised.Count > 0)
        {
            report($"as initialised: {Some(initialised)}");
        }
    }

    /// <summary>What an error says of a first convolution for other pictures; null where that is not it.</summary>
    internal static string? OtherChannels(Network network, Shape wanted, long inputs) =>
        network.Channels != inputs && wanted.W == network.Channels
            ? $"it is for pictures of {inputs} channels, the network takes {network.Channels}: make the network with {inputs}"
            : null;

    /// <summary>Whether the file has all parameters of an architecture and no others, but for those that only help to train.</summary>
    private bool IsOf(Architecture architecture)
    {
        int channels = _tensors!.Tensors.Any(tensor => tensor.Shape is [_, 1, > 1, _]) ? 1 : 3;
        var config = new NetworkConfig(channels, Math.Max(4, architecture.LeastSize), [""]) { Architecture = architecture.Name };
        HashSet<string> names = [];
        foreach (GraphParameter parameter in Architectures.Describe(config).Graph.Parameters.Where(parameter => parameter.IsSaved))
        {
            bool knowsClasses = parameter.Name.StartsWith($"{architecture.Head}.", StringComparison.Ordinal);
            long[] shape = ParameterLayout.FileShape(parameter.Kind, parameter.Shape);
            if (_tensors.Find(parameter.Name) is not { } tensor || (!knowsClasses && !tensor.Shape.SequenceEqual(shape)))
            {
                return false;
            }

            names.Add(parameter.Name);
        }

        return _tensors.Tensors.All(tensor =>
            tensor.HoldsIntegers || names.Contains(tensor.Name) || tensor.Name.StartsWith("aux", StringComparison.Ordinal));
    }

    private static List<string> CopyByName(Execution network, SafetensorsFile file, string head, HashSet<string> taken)
    {
        var found = new List<(Parameter Parameter, SafetensorsTensor Tensor)>();
        List<string> left = [];
        foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => !tensor.HoldsIntegers && tensor.Name != ModelFile.MeanImageName))
        {
            Parameter? parameter = network.Saved.FirstOrDefault(parameter => parameter.Name == tensor.Name);
            if (parameter is null || !Fits(network, file, tensor, parameter, head))
            {
                left.Add($"{tensor.Name} {tensor.ShapeText}");
                continue;
            }

            ModelFile.CheckFinite(file, tensor);
            found.Add((parameter, tensor));
        }

        if (!found.Exists(pair => !pair.Parameter.Name.StartsWith(head, StringComparison.Ordinal)))
        {
            string there = Some([.. file.Tensors.Select(tensor => tensor.Name)]);
            throw new GpuCamException($"{file.Name}: none of its tensors ({there}) is one of a {network.Network.Config.Architecture} "
                + "network: give a file of that architecture");
        }

        foreach ((Parameter parameter, SafetensorsTensor tensor) in found)
        {
            ParameterLayout.FromFile(tensor, parameter.Value, parameter);
            taken.Add(parameter.Name);
        }

        return left;
    }

    private static bool Fits(Execution network, SafetensorsFile file, SafetensorsTensor tensor, Parameter parameter, string head)
    {
        long[] shape = ParameterLayout.FileShape(parameter.Kind, parameter.Shape);
        if (tensor.Shape.SequenceEqual(shape))
        {
            return true;
        }

        if (parameter.Name.StartsWith(head, StringComparison.Ordinal))
        {
            return false;
        }

        string why = tensor.Shape.Count == 4 && OtherChannels(network.Network, parameter.Shape, tensor.Shape[1]) is { } channels ? channels
            : $"expected {SafetensorsTensor.Describe(shape)}: give a file of {network.Network.Config.Architecture}";
        throw new GpuCamException($"{file.Name}: tensor '{tensor.Name}' is {tensor.ShapeText}, {why}");
    }

    private static string Some(List<string> names) => names.Count <= Named + 1
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more";
}
