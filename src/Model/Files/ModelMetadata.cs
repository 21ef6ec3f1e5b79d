using System.Globalization;
using System.Text.Json;

namespace GpuCam.Model;

/// <summary>The metadata of a model file: what no tensor shows, and who wrote it.</summary>
internal static class ModelMetadata
{
    public const string Architecture = "gpucam.architecture";
    public const string Size = "gpucam.size";
    public const string Channels = "gpucam.channels";
    private const string Classes = PictureMetadata.ClassesKey;
    private const string Pooling = "gpucam.pooling";
    public const string Pools = "gpucam.pools";

    /// <summary>What a network's file says of it, beside <paramref name="more"/>.</summary>
    public static Dictionary<string, string> Of(Network network, IReadOnlyDictionary<string, string>? more)
    {
        NetworkConfig config = network.Config;
        var all = new Dictionary<string, string>(more ?? new Dictionary<string, string>())
        {
            [Architecture] = config.Architecture,
            [Size] = config.Size.ToString(CultureInfo.InvariantCulture),
            [Channels] = config.Channels.ToString(CultureInfo.InvariantCulture),
            [Classes] = JsonSerializer.Serialize(config.ClassNames),
            [Pooling] = NameOf(config.Pooling),
        };
        if (config.Architecture == LeNetGap.Architecture)
        {
            all[Pools] = config.Pools.ToString(CultureInfo.InvariantCulture);
        }

        if (network.Preprocessing is { } preprocessing && !IsUsual(preprocessing, config))
        {
            all[PictureMetadata.PreprocessingKey] = PreprocessingFile.ToJson(preprocessing);
        }

        return all;
    }

    /// <summary>
    /// Whether a file need not say how pictures are prepared: it is the reference network on images as they are, as files of it have always
    /// been.
    /// </summary>
    private static bool IsUsual(Preprocessing preprocessing, NetworkConfig config)
    {
        return config.Architecture == LeNetGap.Architecture && preprocessing.MeanImage is null
            && Text(preprocessing) == Text(LeNetGap.Entry.UsualPreprocessing(config));

        // Its order of channels means nothing to a network of one channel.
        string Text(Preprocessing either) =>
            PreprocessingFile.ToJson(config.Channels == 1 ? either with { Order = ChannelOrder.Grey } : either);
    }

    /// <summary>A whole number; null where the file does not say.</summary>
    public static int? Integer(SafetensorsFile file, string key)
    {
        if (!file.Metadata.TryGetValue(key, out string? text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new GpuCamException($"{file.Name}: {key} is '{text}', expected an integer: correct the metadata");
    }

    /// <summary>The kind of global pooling; average where the file does not say.</summary>
    public static GlobalPooling PoolingOf(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Pooling, out string? text))
        {
            return GlobalPooling.Average;
        }

        foreach (GlobalPooling pooling in Enum.GetValues<GlobalPooling>())
        {
            if (NameOf(pooling) == text)
            {
                return pooling;
            }
        }

        throw new GpuCamException($"{file.Name}: {Pooling} is '{text}', expected average or max: correct the metadata");
    }

    private static string NameOf(GlobalPooling pooling) => pooling == GlobalPooling.Max ? "max" : "average";

    /// <summary>The class names; null where the file does not say.</summary>
    public static string[]? ClassNames(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Classes, out string? text))
        {
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize<string?[]>(text) is { } names && !names.Contains(null))
            {
                return names!;
            }
        }
        catch (JsonException)
        {
            // Falls through to the one message for all that is wrong with it.
        }

        throw new GpuCamException($"{file.Name}: {Classes} is not a JSON array of names: correct the metadata");
    }
}
