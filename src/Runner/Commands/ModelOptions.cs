using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Models;

namespace GpuCam.Runner.Commands;

/// <summary>The option that names a model file, those that say what the file does not, and its loading.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _model;
    private readonly Option<string?> _classes =
        new("--classes")
        {
            Description = "file of class names: a line each, JSON, or a config.json with id2label (default: what lies beside the model or "
                + "in it, else numbers)",
            HelpName = "FILE",
        };
    private readonly Option<string?> _preprocess =
        new("--preprocess")
        {
            Description = "how pictures become the network's input: imagenet, caffe, tf, unit or a JSON file (docs/pictures.md) (default: "
                + "what lies beside the model or in it)",
            HelpName = "NAME",
        };
    private readonly Option<string?> _fit =
        new("--fit")
        {
            Description = "how a picture meets the network's size: crop (its middle), stretch, pad, or none (as it is) (default: as the "
                + "preprocessing says)",
            HelpName = "HOW",
        };
    private readonly Option<string?> _logits =
        new("--logits") { Description = "the output that is explained, of a network with several (default: the first)", HelpName = "NAME" };

    /// <summary>The option <c>--size</c> of commands that take networks of others.</summary>
    public static Option<int?> SizeOption() =>
        new("--size") { Description = "side of the images, where the model file leaves it open", HelpName = "PIXELS" };

    /// <summary>The option <c>--model</c>, which must be given.</summary>
    /// <param name="command">Gets the options.</param>
    /// <param name="anyNetwork">Whether networks of others can be given, whose file does not say all.</param>
    /// <param name="unless">An option of the command without which alone the model must be given; null where it always must.</param>
    /// <param name="usual">The model that is meant where none is given; null where one must be.</param>
    public ModelOptions(Command command, bool anyNetwork = false, string? unless = null, string? usual = null)
    {
        _model = new("--model", "-m")
        {
            Description = anyNetwork
                ? "model file (.onnx or .safetensors), a run folder, whose best model is taken, or a fetched model's name (resnet18)"
                : "model file (.safetensors), or a run folder, whose best model is taken",
            HelpName = "FILE", Required = unless is null && usual is null
        };
        if (usual is not null)
        {
            _model.DefaultValueFactory = _ => usual;
        }

        if (unless is not null)
        {
            command.Validators.Add(result =>
            {
                if (result.GetResult(_model) is null && result.GetResult(unless) is null)
                {
                    result.AddError($"Option '{_model.Name}' is required.");
                }
            });
        }

        command.Options.Insert(0, _model);      // first in the help: no other is required
        if (anyNetwork)
        {
            _preprocess.CompletionSources.Add([.. Preprocessing.Presets]);
            _fit.CompletionSources.Add([.. OptionNames.Fit.Names]);
            foreach (Option option in (Option[])[_classes, _preprocess, _fit, _logits])
            {
                command.Options.Add(option);
            }
        }
    }

    /// <summary>Another model, which may be left out.</summary>
    public ModelOptions(string name, string description) => _model = new(name) { Description = description, HelpName = "FILE" };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Options.Add(_model);

    /// <summary>Whether the option was given.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetResult(_model) is { Implicit: false };

    /// <summary>What the user calls the model.</summary>
    public string Name(ParseResult parsed) => parsed.GetRequiredValue(_model);

    /// <summary>Path of the model file.</summary>
    public string Path(ParseResult parsed) => ModelNames.FileOf(Name(parsed));

    /// <summary>What was said of the model.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="size">The side of the images; needed only where the file does not say it.</param>
    public NetworkRequest Request(ParseResult parsed, int? size) => ModelNames.Request(Name(parsed), Of(parsed, _logits)) with
    {
        Size = size,
        ClassNames = Of(parsed, _classes) is { } classes ? ClassNames.Load(classes) : null,
        Preprocessing = Of(parsed, _preprocess) is { } preset ? PreprocessingFile.PresetOrFile(preset) : null,
        Fit = Of(parsed, _fit) is { } fit ? OptionNames.Fit.Parse(fit) : null,
    };

    /// <summary>Loads the network.</summary>
    public Execution Load(ParseResult parsed, IDevice device, int? size) => NetworkLoader.Load(Request(parsed, size), device);

    /// <summary>An option's value; null for a command without it.</summary>
    private static string? Of(ParseResult parsed, Option<string?> option) =>
        parsed.GetResult(option) is null ? null : parsed.GetValue(option);
}
