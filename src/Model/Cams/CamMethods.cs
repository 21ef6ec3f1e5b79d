namespace GpuCam.Model;

/// <summary>Every method by name.</summary>
public static class CamMethods
{
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

    /// <summary>What maps a network's default value unless told otherwise: exact maps where it has them, else Grad-CAM.</summary>
    public static ICamMethod Usual(CamEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return Create(engine.Obstacle(Create("cam"), [engine.DefaultLayer]) is null ? "cam" : "gradcam");
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
