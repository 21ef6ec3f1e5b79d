using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary>The options that say what samples are made of; <c>train</c>, <c>eval</c> and <c>data make</c> share them.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> _data =
        new("--data")
        {
            Description = "folder of pictures instead of generated samples: a folder per class, or with a table of labels",
            HelpName = "DIR"
        };
    private readonly PictureSetOptionSet? _pictures;
    private readonly Option<string?> _digits =
        new("--digits")
        {
            Description = "what samples are made of: mnist, fashion-mnist, synthetic, or auto: mnist if it can be had, "
            + "else synthetic (default: auto)", HelpName = "SET"
        };
    private readonly Option<string?> _protocol =
        new("--protocol")
        {
            Description = "strict (test images are made of test digits only) or seed (all of training digits, as in the "
            + "original)", HelpName = "NAME"
        };
    private readonly Option<int?> _size = new("--size") { Description = "side of the canvas in pixels, 28 or more", HelpName = "PIXELS" };
    private readonly Option<int?> _distractors =
        new("--distractors") { Description = "fragments of 8x8 pixels on a canvas, 0 or more (default: 8)", HelpName = "N" };
    private readonly Option<ulong?> _seed =
        new("--seed") { Description = "seed of everything random, 0 or more (default: 1)", HelpName = "N" };
    private readonly Option<string?> _cache =
        new("--cache")
        {
            Description = "folder of fetched data sets (default: data/cache of this repository, else the user's own)",
            HelpName = "DIR"
        };

    public DataOptions(Command command, bool withFolder = true)
    {
        _size.Description += command.Name == "eval" ? " (default: what the model was made for)" : " (default: 100)";
        _protocol.Description += withFolder ? " (default: strict)" : " (default: seed)";
        _digits.CompletionSources.Add([.. DigitSource.Names]);
        _protocol.CompletionSources.Add("strict", "seed");
        if (withFolder)
        {
            command.Options.Add(_data);
            _pictures = new PictureSetOptionSet(command);
        }

        command.Options.Add(_digits);
        command.Options.Add(_protocol);
        command.Options.Add(_size);
        command.Options.Add(_distractors);
        command.Options.Add(_seed);
        command.Options.Add(_cache);
    }

    /// <summary>What was given; null where nothing was.</summary>
    public string? Data(ParseResult parsed) => parsed.GetValue(_data);

    /// <inheritdoc cref="Data"/>
    public string? Orientation(ParseResult parsed) => _pictures?.Orientation(parsed);

    /// <inheritdoc cref="Data"/>
    public string? Digits(ParseResult parsed) => parsed.GetValue(_digits);

    /// <inheritdoc cref="Data"/>
    public string? ProtocolName(ParseResult parsed) => parsed.GetValue(_protocol);

    /// <inheritdoc cref="Data"/>
    public int? Size(ParseResult parsed) => parsed.GetValue(_size);

    /// <inheritdoc cref="Data"/>
    public int? Distractors(ParseResult parsed) => parsed.GetValue(_distractors);

    /// <inheritdoc cref="Data"/>
    public ulong? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>The pictures of <c>--data</c>; null without it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="classes">The classes that labels belong to; null for those that the folder tells of.</param>
    /// <exception cref="GpuCamException">A number is out of range, or something is said of pictures that are not there.</exception>
    public PictureSetOptions? Pictures(ParseResult parsed, IReadOnlyList<string>? classes)
    {
        PictureSetOptions? read = _pictures?.Read(parsed, Data(parsed) ?? "", Seed(parsed) ?? 1);
        if (Data(parsed) is not null)
        {
            return read! with { Classes = classes };
        }

        _pictures?.CheckIdle(parsed);
        return null;
    }

    /// <summary>The samples that a network is tested on.</summary>
    public CorpusOptions TestOptions(ParseResult parsed, NetworkConfig network, int? count) => new()
    {
        Pictures = Pictures(parsed, network.ClassNames),
        Digits = Digits(parsed) ?? "auto",
        Protocol = OptionNames.Protocol.Parse(ProtocolName(parsed) ?? "strict"),
        Size = network.Size,
        Channels = network.Channels,
        Distractors = Distractors(parsed) ?? 8,
        Seed = Seed(parsed) ?? 1,
        Cache = Cache(parsed),
        TestCount = count,
    };

    /// <inheritdoc cref="Data"/>
    public string? Cache(ParseResult parsed) => parsed.GetValue(_cache);
}
