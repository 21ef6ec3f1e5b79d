using System.CommandLine;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Commands;

/// <summary>The options that say how maps are made; <c>cam</c> and <c>eval</c> share them.</summary>
internal sealed class MapOptions
{
    private static readonly CamMethodOptions s_usual = new();

    private readonly Option<string?> _method =
        new("--method")
        {
            Description = "how maps are made: one or several of the methods below, separated by commas, or all (default: cam, or gradcam "
                + "where the network ends in no global pooling)",
            HelpName = "NAMES"
        };
    private readonly Option<string?> _layer =
        new("--layer")
        {
            Description = "layers that are mapped: conv2,pool2 maps each by itself, conv2+pool2 fuses them into one map "
            + "(default: the last before the pooling, where most methods coincide with cam; 'gpucam model show' lists them)",
            HelpName = "NAMES"
        };
    private readonly Option<string> _smooth =
        new("--smooth")
        {
            Description = "how maps are made less noisy: none, aug (mean over mirror images and brightness) or eigen "
            + "(first principal component of the weighted channels)", DefaultValueFactory = _ => "none", HelpName = "HOW"
        };
    private readonly Option<int> _topChannels =
        new("--top-channels")
        {
            Description = "channels that scorecam, sscam and iscam try (0: all, else those that vary most)",
            DefaultValueFactory = _ => s_usual.TopChannels, HelpName = "N"
        };
    private readonly Option<int> _samples =
        new("--samples") { Description = "passes of sscam and iscam", DefaultValueFactory = _ => s_usual.Samples, HelpName = "N" };
    private readonly Option<float> _noise = new("--noise")
    {
        Description = "standard deviation of sscam's noise on masks from 0 to 1",
        DefaultValueFactory = _ => s_usual.Noise, HelpName = "X"
    };
    private readonly Option<float> _gamma =
        new("--gamma")
        {
            Description = "share of the similar classes' mean logit that finercam takes off", DefaultValueFactory = _ =>
            s_usual.Gamma, HelpName = "X"
        };
    private readonly Option<string> _resize = new("--resize")
    {
        Description = "how maps are resized: half-pixel or legacy",
        DefaultValueFactory = _ => "half-pixel", HelpName = "MODE"
    };

    public MapOptions(Command command)
    {
        foreach (Option option in (Option[])[_method, _layer, _smooth, _topChannels, _samples, _noise, _gamma, _resize])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How maps are resized to the image.</summary>
    public ResizeMode Resize(ParseResult parsed) => OptionNames.Resize.Parse(parsed.GetRequiredValue(_resize));

    /// <summary>What was asked for; the first bad option is an error.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">Seed of <c>random</c> and of <c>sscam</c>'s noise.</param>
    public MapChoice Read(ParseResult parsed, ulong? seed)
    {
        var choice = new MapChoice
        {
            Methods = parsed.GetValue(_method) is { } methods ? Names(methods) : [],
            Layers = parsed.GetValue(_layer) is { } layers ? Names(layers) : [],
            Smoothing = OptionNames.Smoothing.Parse(parsed.GetRequiredValue(_smooth)),
            Settings = new CamMethodOptions
            {
                TopChannels = parsed.GetValue(_topChannels),
                Samples = parsed.GetValue(_samples),
                Noise = parsed.GetValue(_noise),
                Gamma = parsed.GetValue(_gamma),
                Seed = seed ?? s_usual.Seed,
            },
        };
        choice.Chosen();
        return choice;
    }

    private static string[] Names(string text) => text.Split(',', StringSplitOptions.TrimEntries);
}
