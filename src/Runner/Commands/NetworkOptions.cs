using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Models;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> that say which network learns from pictures, and what it begins with.</summary>
internal sealed class NetworkOptions
{
    private readonly DataOptions _data;
    private readonly Option<string?> _architecture =
        new("--arch")
        {
            Description = "network to train on the pictures of --data (docs/architectures.md) (default: that of --init, else "
                + $"{LeNetGap.Architecture})",
            HelpName = "NAME",
        };
    private readonly Option<string?> _init =
        new("--init")
        {
            Description = "weights to start from: a fetched model's name (resnet18), a file (.safetensors or .onnx) or a run folder",
            HelpName = "MODEL",
        };
    private readonly Option<string?> _freeze =
        new("--freeze")
        {
            Description = "what stays as it is: a value's name, for all layers up to it, or features, to fit a new last layer alone",
            HelpName = "VALUE",
        };
    private readonly Option<float?> _headRate =
        new("--head-rate") { Description = "factor on the learning rate of the last layer, above 0", HelpName = "X" };
    private readonly Option<string?> _preprocess =
        new("--preprocess")
        {
            Description = "how pictures become the input: imagenet, caffe, tf, unit or a JSON file (default: as --init says, else as "
                + "is usual for the network)",
            HelpName = "NAME",
        };
    private readonly Option<string?> _fit =
        new("--fit")
        {
            Description = "how a picture meets the input's size: crop (its middle), stretch, pad, or none (as it is) (default: as the "
                + $"preprocessing says; none for {LeNetGap.Architecture} without --size)",
            HelpName = "HOW",
        };

    private readonly Option<string?> _augment =
        new("--augment")
        {
            Description = "how training images are changed at random: pictures none, mirror, standard (a part of them, mirrored) or strong "
                + "(other colours, too); digits warped 0 to 2: 0 not at all, 1 as by another hand",
            HelpName = "HOW",
        };

    /// <summary>Adds the options to a command that has those of data.</summary>
    public NetworkOptions(Command command, DataOptions data)
    {
        _data = data;
        _augment.CompletionSources.Add([.. Augmentation.Names]);
        _architecture.CompletionSources.Add([.. Architectures.Names]);
        _init.CompletionSources.Add([.. ModelSource.Known.Select(model => model.Name)]);
        _preprocess.CompletionSources.Add([.. Preprocessing.Presets]);
        _fit.CompletionSources.Add([.. OptionNames.Fit.Names]);
        foreach (Option option in (Option[])[_architecture, _init, _freeze, _headRate, _preprocess, _fit, _augment])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The preset to start from where none is named; weights are not read for it.</summary>
    public string UsualPreset(ParseResult parsed) =>
        Presets.Usual(parsed.GetValue(_architecture) ?? LeNetGap.Architecture, parsed.GetValue(_init));

    /// <summary>The settings with what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="start">The other settings.</param>
    /// <exception cref="GpuCamException">The architecture cannot be told from the weights.</exception>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start)
    {
        start = WithAugment(parsed, WithPictures(parsed, start));
        string architecture = Architecture(parsed, start);
        string? init = parsed.GetValue(_init) ?? start.Init;
        if (parsed.GetValue(_fit) == OptionNames.Fit.NameOf(PictureFit.None) && _data.Size(parsed) is not null)
        {
            throw new GpuCamException("--size and --fit none do not go together: pictures are taken as they are; leave --size out");
        }

        bool asTheyAre =
            start.Data is not null && init is null && architecture == LeNetGap.Architecture && _data.Size(parsed) is null;
        return start with
        {
            Architecture = architecture,
            Init = init,
            Freeze = parsed.GetValue(_freeze) ?? start.Freeze,
            HeadRate = parsed.GetValue(_headRate) ?? start.HeadRate,
            Preprocess = parsed.GetValue(_preprocess) ?? start.Preprocess,
            Fit = parsed.GetValue(_fit) is { } fit ? OptionNames.Fit.NameOf(OptionNames.Fit.Parse(fit))
                : start.Fit ?? (asTheyAre ? OptionNames.Fit.NameOf(PictureFit.None) : null),
        };
    }

    /// <summary>The one that was named, or that of the weights; they are not read where there is nothing to learn from.</summary>
    private string Architecture(ParseResult parsed, TrainSettings start)
    {
        bool tells = start.Data is not null && parsed.GetValue(_freeze) != TrainSettings.Features;
        return parsed.GetValue(_architecture)
            ?? (tells && parsed.GetValue(_init) is { } init ? ModelNames.ArchitectureOf(init) : start.Architecture);
    }

    private TrainSettings WithPictures(ParseResult parsed, TrainSettings start) => _data.Pictures(parsed, null) is not { } pictures ? start
        : start with
        {
            Data = Path.GetFullPath(pictures.Folder),
            Labels = pictures.Labels is { } labels ? Path.GetFullPath(labels) : start.Labels,
            Boxes = pictures.Boxes is { } boxes ? Path.GetFullPath(boxes) : start.Boxes,
            Orientation = _data.Orientation(parsed) ?? start.Orientation,
            TrainPerClass = pictures.TrainPerClass ?? start.TrainPerClass,
            TestPerClass = pictures.TestPerClass ?? start.TestPerClass,
            SkipBroken = pictures.SkipBroken || start.SkipBroken,
            SkipClasses = pictures.SkipClasses.Count > 0 ? pictures.SkipClasses : start.SkipClasses,
        };

    private TrainSettings WithAugment(ParseResult parsed, TrainSettings start)
    {
        if (parsed.GetValue(_augment) is not { } text)
        {
            return start;
        }

        return start.Data is not null ? start with { Augmentation = text }
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float strength) ? start with { Augment = strength }
            : throw new GpuCamException(
                $"--augment {text}: generated digits are warped by a number, 0 to 2; give one, or --data with pictures");
    }
}
