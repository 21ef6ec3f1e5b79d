using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// The networks that this program builds. But for the reference network they have the layers and parameter names of torchvision, so that
/// weights of its files fit (<see cref="InitialWeights"/>); a value is called as the module that gives it. docs/architectures.md has
/// their sizes, and what the ones that end in <c>-gap</c> cut and add.
/// </summary>
public static class Architectures
{
    /// <summary>All of them, the reference network first.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
        [LeNetGap.Entry, .. AlexNet.Entries, .. Vgg.Entries, .. GoogLeNet.Entries, .. ResNet.Entries, SqueezeNet.Entry];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(architecture => architecture.Name)];

    /// <summary>The one of that name.</summary>
    /// <exception cref="GpuCamException">There is none; the message lists the names.</exception>
    public static Architecture Find(string name) => All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new GpuCamException($"architecture '{name}' is unknown: this program knows {string.Join(", ", Names)}");

    /// <summary>The network of a configuration, without weights.</summary>
    /// <exception cref="GpuCamException">The configuration is impossible.</exception>
    public static Network Describe(NetworkConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Architecture architecture = Find(config.Architecture);
        var graph = new GraphBuilder();
        Value image = graph.Input(GraphLayers.Image, new Shape(1, config.Size, config.Size, config.Channels));
        Value logits = architecture.Build(graph, image, config);
        return new Network(graph.Build(logits), config.ClassNames)
        {
            Config = config,
            Preprocessing = config.Preprocessing ?? architecture.UsualPreprocessing(config),
        };
    }

    /// <summary>
    /// The network on a device, with He-initialised weights (see <see cref="HeInitialization"/>), zero biases, and batch normalisations
    /// that change nothing but by their epsilon.
    /// </summary>
    /// <exception cref="GpuCamException">The configuration is impossible.</exception>
    public static Execution Create(IDevice device, NetworkConfig config, ulong seed)
    {
        var execution = new Execution(device, Describe(config));
        HeInitialization.Fill(execution.Saved, seed);
        return execution;
    }
}
