using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Writes the maps of <see cref="ClassActivationMapping"/> as operators: of all classes a convolution of 1x1, of some the product of their
/// weights with the features.
/// </summary>
internal sealed class CamExport
{
    private readonly ForwardExport _export;
    private readonly OnnxWriter _writer;
    private readonly ExportedNumbers _numbers;
    private readonly Network _network;
    private readonly Tail _tail;

    /// <summary>Maps of a network.</summary>
    public CamExport(ForwardExport export, Network network)
    {
        (_export, _writer, _numbers, _network) = (export, export.Writer, export.Numbers, network);
        _tail = TailOf(network);
    }

    /// <summary>The tail that the maps are made of.</summary>
    /// <exception cref="GpuCamException">The network has none.</exception>
    public static Tail TailOf(Network network) => network.Tail is { Features.Shape.N: 1 } tail ? tail : throw new GpuCamException(
        "the class activation map needs a network that ends in global pooling and at most one linear layer, and this one ends in "
        + $"{network.Ending}; give --with-gradcam instead of --with-cam");

    /// <summary>Adds the maps to the file.</summary>
    /// <returns>What they are called.</returns>
    public string Write(MapOutputs outputs, string? chosen) => outputs.Give(
        "cam", name => chosen is null ? OfAll(outputs, name) : OfChosen(chosen, name), (Features.H, Features.W), outputs.Maps,
        rectifies: false);

    private Shape Features => _tail.Features.Shape;

    private bool IsSingle => _network.LogitCount == 1;

    private string OfAll(MapOutputs outputs, string name)
    {
        string features = _export.NameOf(_tail.Features);
        if (_tail.Classifier is null)
        {
            return IsSingle ? outputs.Doubled(features, name) : features;
        }

        string weight = _writer.Add(
            "Unsqueeze", _writer.Fresh($"{name}/weight"), [Weights(name), _numbers.Longs(2, 3)]);
        return _writer.Add("Conv", name, [features, weight], ("kernel_shape", new long[] { 1, 1 }));
    }

    /// <summary>[N, k, K] times [N, K, h w].</summary>
    private string OfChosen(string chosen, string name)
    {
        string features = _writer.Add("Reshape", Part("features"), [_export.NameOf(_tail.Features), _numbers.Longs(0, Features.C, -1)]);
        string weights = Directions(chosen, name) is { } directions
            ? directions
            : _writer.Add("Gather", Part("weights"), [Weights(name), chosen], ("axis", 0L));
        string product = _writer.Add("MatMul", Part("product"), [weights, features]);
        return _writer.Add("Reshape", name, [product, _numbers.Longs(0, 0, Features.H, Features.W)]);

        string Part(string step) => _writer.Fresh($"{name}/{step}");
    }

    /// <summary>For pooled channels that are the logits: one where the channel is the class, else zero.</summary>
    private string? Directions(string chosen, string name)
    {
        if (_tail.Classifier is not null || IsSingle)
        {
            return null;
        }

        string each = _writer.Add("Unsqueeze", _writer.Fresh($"{name}/class"), [chosen, _numbers.Longs(-1)]);
        long[] channels = [.. Enumerable.Range(0, Features.C).Select(channel => (long)channel)];
        string all = _writer.Longs(_writer.Fresh($"{name}/channels"), channels, channels.Length);
        string equal = _writer.Add("Equal", _writer.Fresh($"{name}/equal"), [each, all]);
        return _writer.Add("Cast", _writer.Fresh($"{name}/weights"), [equal], ("to", (long)OnnxType.Float));
    }

    /// <summary>The weights of the classes, [classes, K].</summary>
    private string Weights(string name)
    {
        if (!IsSingle)
        {
            return _numbers.Matrix(_tail.Classifier!);
        }

        float[] weight = _tail.Classifier is { } classifier ? _numbers.Of(classifier) : [1];
        return _writer.Floats(_writer.Fresh($"{name}/weights"), [.. weight.Select(w => -w), .. weight], 2, weight.Length);
    }
}
