using System.Globalization;

namespace GpuCam.Model;

/// <summary>
/// What the network of a file is built from: its metadata, and for what they leave out the shapes of its tensors. A file that names no
/// architecture is the reference network, whose widths, kernel size, channels and classes its shapes tell; kind of pooling and number of
/// max-pools are average and 2 where no metadata say it.
/// </summary>
internal static class ModelConfig
{
    private const string ReferenceNames = "conv1.weight, conv1.bias, conv2.weight, conv2.bias, classifier.weight (and classifier.bias)";

    public static NetworkConfig Read(SafetensorsFile file, int? size, IReadOnlyList<string>? classNames)
    {
        string name = file.Metadata.GetValueOrDefault(ModelMetadata.Architecture, LeNetGap.Architecture);
        try
        {
            Architecture architecture = Architectures.Find(name);
            NetworkConfig config = name == LeNetGap.Architecture
                ? Reference(file, size, classNames)
                : Of(architecture, file, size, classNames);
            config = config with { Pooling = ModelMetadata.PoolingOf(file) };
            config.Validate();
            return config with { Preprocessing = ModelFile.PreprocessingOf(file) };
        }
        catch (GpuCamException e) when (!e.Message.StartsWith($"{file.Name}: ", StringComparison.Ordinal))
        {
            throw new GpuCamException($"{file.Name}: {e.Message}", e);
        }
    }

    private static NetworkConfig Of(Architecture architecture, SafetensorsFile file, int? size, IReadOnlyList<string>? classNames)
    {
        string head = $"{architecture.Head}.weight";
        SafetensorsTensor weight = ModelFile.Find(file, head, $"the tensors of {architecture.Name}");
        if (weight.Shape.Count < 2 || weight.Shape.Contains(0))
        {
            throw new GpuCamException($"{file.Name}: tensor '{head}' is {weight.ShapeText}, expected [classes, features]: give a file of "
                + "this network");
        }

        int channels = ModelMetadata.Integer(file, ModelMetadata.Channels)
            ?? throw new GpuCamException($"{file.Name}: {ModelMetadata.Channels} is not there: add the number of channels to the metadata");
        return new NetworkConfig(channels, SizeOf(file, size), ClassesOf(file, classNames, weight.Shape[0]))
        {
            Architecture = architecture.Name,
        };
    }

    private static NetworkConfig Reference(SafetensorsFile file, int? size, IReadOnlyList<string>? classNames)
    {
        IReadOnlyList<long> conv1 = Extents(file, "conv1.weight", 4, "[out, in, height, width]");
        IReadOnlyList<long> conv2 = Extents(file, "conv2.weight", 4, "[out, in, height, width]");
        IReadOnlyList<long> classifier = Extents(file, "classifier.weight", 2, "[classes, features]");
        if (ModelMetadata.Integer(file, ModelMetadata.Channels) is { } channels && channels != conv1[1])
        {
            throw new GpuCamException(
                $"{file.Name}: {ModelMetadata.Channels} is {channels}, but conv1.weight takes {conv1[1]} channels: correct the metadata");
        }

        if (conv2[1] != conv1[0])
        {
            // Small tensors that do not fit can ask for much memory.
            ModelFile.CheckTensor(file, file.Find("conv2.weight")!, [conv2[0], conv1[0], conv1[2], conv1[2]]);
        }

        return new NetworkConfig((int)conv1[1], SizeOf(file, size), ClassesOf(file, classNames, classifier[0]))
        {
            Widths = [(int)conv1[0], (int)conv2[0]],
            KernelSize = (int)conv1[2],
            ClassifierBias = file.Find("classifier.bias") is not null,
            Pools = ModelMetadata.Integer(file, ModelMetadata.Pools) ?? 2,
        };
    }

    private static int SizeOf(SafetensorsFile file, int? size) => size ?? ModelMetadata.Integer(file, ModelMetadata.Size)
        ?? throw new GpuCamException($"{file.Name}: nothing in the file says how large its images are: give the size (--size)");

    private static IReadOnlyList<string> ClassesOf(SafetensorsFile file, IReadOnlyList<string>? names, long classes)
    {
        names ??= ModelMetadata.ClassNames(file)
            ?? [.. Enumerable.Range(0, (int)classes).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        return names.Count == classes
            ? names
            : throw new GpuCamException(
                $"{file.Name}: {names.Count} class names for a classifier of {classes} classes: give one name for each");
    }

    private static IReadOnlyList<long> Extents(SafetensorsFile file, string name, int rank, string meaning)
    {
        SafetensorsTensor tensor = ModelFile.Find(file, name, ReferenceNames);
        return tensor.Shape.Count == rank && !tensor.Shape.Contains(0)
            ? tensor.Shape
            : throw new GpuCamException(
                $"{file.Name}: tensor '{name}' is {tensor.ShapeText}, expected {meaning}: give a file of this network");
    }
}
