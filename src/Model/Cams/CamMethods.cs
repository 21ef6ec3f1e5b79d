namespace GpuCam.Model;

/// <summary>Every method by name.</summary>
public static class CamMethods
{
    /// <summary>What stands for the layer where a method looks at the whole network.</summary>
    public const string AllLayers = "all";

    private static readonly ICamMethod[] s_all = Create(new CamMethodOptions());

    /// <summary>All methods with their usual settings, for lists and help.</summary>
    public static IReadOnlyList<ICamMethod> All => s_all;

    /// <summary>The method of this name.</summary>
    /// <exception cref="GpuCamException">There is none; the message lists those there are.</exception>
    public static ICamMethod Create(string name, CamMethodOptions? options = null)
    {
        ICamMethod[] methods = options is null ? s_all : Create(options.Validated());
        return Array.Find(methods, method => method.Name == name)
            ?? throw new GpuCamException(
                $"unknown method '{name}': choose from {string.Join(", ", methods.Select(method => method.Name))}");
    }

    /// <summary>The methods that can map a network's default value; none where it has nothing to map.</summary>
    public static IReadOnlyList<ICamMethod> For(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.DefaultValue is null ? []
            : [.. s_all.Where(method => method.Scope != CamScope.PooledLayer || network.Tail is not null)];
    }

    /// <summary>What maps a network's default value unless told otherwise: exact maps where it has them, else Grad-CAM.</summary>
    public static ICamMethod Usual(CamEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return Create(engine.Obstacle(Create("cam"), [engine.DefaultLayer]) is null ? "cam" : "gradcam");
    }

    /// <summary>What a method maps, by name: of several layers <c>conv2+pool2</c>, of all <see cref="AllLayers"/>.</summary>
    public static string TitleOf(ICamMethod method, IReadOnlyList<string> layers)
    {
        ArgumentNullException.ThrowIfNull(method);
        return method.Scope == CamScope.WholeNetwork ? AllLayers : string.Join('+', layers);
    }

    private static ICamMethod[] Create(CamMethodOptions options) =>
    [
        new ClassActivationMapping(),
        new GradCam(),
        new CounterfactualCam(),
        new GradCamPlusPlus(),
        new HiResCam(),
        new XGradCam(),
        new LayerCam(),
        new EigenCam(),
        new ScoreCam(options.TopChannels),
        new SsCam(options.Samples, options.Noise, options.Seed, options.TopChannels),
        new IsCam(options.Samples, options.TopChannels),
        new AblationCam(),
        new FullGrad(),
        new FinerCam(options.Gamma),
        new RandomCam(options.Seed),
        new CenterCam(),
    ];
}
