namespace GpuCam.Model;

/// <summary>A network that this program builds: a row of <see cref="Architectures.All"/>.</summary>
/// <param name="Name">As options and model files call it.</param>
/// <param name="Build">Adds its layers behind the image; gives the logits.</param>
public sealed record Architecture(string Name, Func<GraphBuilder, Value, NetworkConfig, Value> Build)
{
    /// <summary>The smallest images, in pixels a side, that reach its last layer.</summary>
    public int LeastSize { get; init; } = 1;

    /// <summary>The largest images; only where linear layers behind the maps fix their extents.</summary>
    public int MostSize { get; init; } = int.MaxValue;

    /// <summary>Name of the last layer, which knows the classes.</summary>
    public string Head { get; init; } = "fc";

    /// <summary>Whether it pools its last maps to a number a channel, so that class activation maps are exact.</summary>
    public bool IsPooled { get; init; } = true;

    /// <summary>The preset by which those who trained it on ImageNet prepared their pictures.</summary>
    public string Preset { get; init; } = "imagenet";

    /// <summary>Looks at the options that this one alone has.</summary>
    internal Action<NetworkConfig>? CheckOptions { get; init; }

    /// <summary>How pictures become the input unless somebody says otherwise.</summary>
    internal Preprocessing UsualPreprocessing(NetworkConfig config) => Preset == "none"
        ? Preprocessing.Preset("unit") with { Fit = PictureFit.None, Height = config.Size, Width = config.Size }
        : Preprocessing.Preset(config.Channels == 3 ? Preset : "unit").ForNetwork(config.Size, config.Size, config.Channels);

    internal void Check(NetworkConfig config)
    {
        CheckOptions?.Invoke(config);
        if (config.Size < LeastSize || config.Size > MostSize)
        {
            throw new GpuCamException(MostSize == int.MaxValue
                ? $"{Name} takes images of at least {LeastSize} pixels a side, not {config.Size}"
                : $"{Name} takes images of {LeastSize} to {MostSize} pixels a side, not {config.Size}: give {Name}-gap for other sizes");
        }

        if (!IsPooled && config.Pooling != GlobalPooling.Average)
        {
            throw new GpuCamException($"{Name} has no global pooling that could take the maximum: give {Name}-gap");
        }
    }
}
