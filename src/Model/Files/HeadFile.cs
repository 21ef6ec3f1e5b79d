using System.Text.Json;

namespace GpuCam.Model;

/// <summary>
/// A linear classifier for the features of another network, as a safetensors file: <c>classifier.weight</c> [classes, features] and
/// <c>classifier.bias</c> [classes]. The metadata say which network that is, and by which SHA-256 its file is known; which of its values
/// are the features; the classes; and how pictures become its input.
/// </summary>
/// <param name="Weights">The classifier.</param>
/// <param name="ClassNames">One name per class.</param>
/// <param name="Base">The name of a network that is fetched, or the path of its file.</param>
/// <param name="BaseSha256">Of that file, in hexadecimal digits.</param>
/// <param name="Features">The name of the value that the classifier reads.</param>
public sealed record HeadFile(HeadWeights Weights, IReadOnlyList<string> ClassNames, string Base, string BaseSha256, string Features)
{
    private const string BaseKey = "gpucam.base";
    private const string Sha256Key = "gpucam.base_sha256";
    private const string FeaturesKey = "gpucam.features";
    private const string MeanImageKey = "gpucam.mean_image";
    private const string MeanImageOfBase = "base";
    private const string Weight = "classifier.weight";
    private const string Bias = "classifier.bias";

    /// <summary>
    /// How pictures become the input; null leaves it to the base network. A mean image is not in the file: it is that of the base.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Whether <see cref="Preprocessing"/> subtracts the mean image that the base network's does.</summary>
    public bool HasMeanImage { get; init; }

    /// <summary>Whatever else the file says, by name: of the data and the training.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a file holds a head, and not a network.</summary>
    public static bool IsHead(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.ContainsKey(BaseKey);
    }

    /// <summary>The head of a file.</summary>
    /// <exception cref="GpuCamException">It is damaged; the message names what is wrong.</exception>
    public static HeadFile Read(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        SafetensorsTensor weight = Find(file, Weight, 2), bias = Find(file, Bias, 1);
        string[] names = ModelMetadata.ClassNames(file) ?? throw Missing(file, PictureMetadata.ClassesKey);
        if (weight.Shape[0] != bias.Shape[0] || names.Length != bias.Shape[0] || weight.Shape.Contains(0))
        {
            throw new GpuCamException($"{file.Name}: {Weight} is {weight.ShapeText}, {Bias} {bias.ShapeText}, and there are {names.Length} "
                + "class names: they do not fit together; give a file that 'gpucam train' wrote");
        }

        string[] known = [BaseKey, Sha256Key, FeaturesKey, MeanImageKey, PictureMetadata.ClassesKey, PictureMetadata.PreprocessingKey];
        return new HeadFile(
            new HeadWeights(weight.Values, bias.Values), names, Text(file, BaseKey), Text(file, Sha256Key), Text(file, FeaturesKey))
        {
            Preprocessing = file.Metadata.TryGetValue(PictureMetadata.PreprocessingKey, out string? json)
                ? PreprocessingFile.Parse(json, $"{file.Name} ({PictureMetadata.PreprocessingKey})") : null,
            HasMeanImage = file.Metadata.GetValueOrDefault(MeanImageKey) == MeanImageOfBase,
            Notes = file.Metadata.Where(entry => !known.Contains(entry.Key)).ToDictionary(),
        };
    }

    /// <summary>Writes the file.</summary>
    public void Save(Stream stream)
    {
        var metadata = new Dictionary<string, string>(Notes)
        {
            [BaseKey] = Base,
            [Sha256Key] = BaseSha256,
            [FeaturesKey] = Features,
            [PictureMetadata.ClassesKey] = JsonSerializer.Serialize(ClassNames),
        };
        if (Preprocessing is { } preprocessing)
        {
            metadata[PictureMetadata.PreprocessingKey] = PreprocessingFile.ToJson(preprocessing);
        }

        if (HasMeanImage)
        {
            metadata[MeanImageKey] = MeanImageOfBase;
        }

        SafetensorsWriter.Write(stream, metadata,
        [
            new SafetensorsTensor(Weight, [Weights.Classes, Weights.Features], Weights.Weight),
            new SafetensorsTensor(Bias, [Weights.Classes], Weights.Bias),
        ]);
    }

    /// <summary>The base network with this head in place of its own; its graph is spent.</summary>
    /// <param name="body">The base network.</param>
    /// <exception cref="GpuCamException">It is another network.</exception>
    public Network Attach(Network body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Value features = body.Graph.Value(Features);
        if (features.Shape is not { N: 1, H: 1, W: 1 } || features.Shape.C != Weights.Features)
        {
            throw new GpuCamException($"the head reads {Weights.Features} features, but '{Features}' of {Base} is {features}: take the "
                + "network that it was trained on");
        }

        Network network = HeadNetwork.Attach(body, features, ClassNames, Weights);
        if (Preprocessing is not { } own)
        {
            return network;
        }

        MeanImage? mean = HasMeanImage
            ? body.Preprocessing?.MeanImage
                ?? throw new GpuCamException(
                    $"the head was trained with the mean image of {Base}, which is not there: put it beside {Base}")
            : null;
        return network with { Preprocessing = own with { MeanImage = mean } };
    }

    private static SafetensorsTensor Find(SafetensorsFile file, string name, int rank)
    {
        SafetensorsTensor tensor = file.Find(name) ?? throw Missing(file, name);
        if (tensor.Shape.Count != rank)
        {
            throw new GpuCamException($"{file.Name}: tensor '{name}' is {tensor.ShapeText}, expected {rank} extents; give a file that "
                + "'gpucam train' wrote");
        }

        int bad = Array.FindIndex(tensor.Values, value => !float.IsFinite(value));
        return bad < 0 ? tensor : throw new GpuCamException(
            $"{file.Name}: value {bad} of tensor '{name}' is {tensor.Values[bad]}; give a file that 'gpucam train' wrote");
    }

    private static string Text(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text) && text.Length > 0 ? text : throw Missing(file, key);

    private static GpuCamException Missing(SafetensorsFile file, string name) =>
        new($"{file.Name}: it is the head of a network, but lacks {name}; give a file that 'gpucam train' wrote");
}
