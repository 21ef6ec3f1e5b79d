using System.CommandLine;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary>
/// The options that say which pictures of a folder are taken; <c>train</c>, <c>eval</c>, <c>data show</c> and the experiments share them.
/// </summary>
internal sealed class PictureSetOptionSet
{
    private const int MostPerClass = 1_000_000;
    private readonly Option<string?> _labels =
        new("--labels")
        {
            Description = "table of file, label and perhaps split and box of the pictures, CSV or TSV, or a folder of wsolevaluation's "
                + "metadata (default: what lies in the folder)",
            HelpName = "FILE",
        };
    private readonly Option<string?> _boxes =
        new("--boxes")
        {
            Description = "folder of XML files with boxes as VOC and ILSVRC have them (default: Annotations in the folder, or beside the "
                + "pictures)",
            HelpName = "DIR",
        };
    private readonly Option<int?> _trainPerClass =
        new("--train-per-class")
        {
            Description = "training pictures of each class, a fifth of them validation, the rest tests (default: 70 %, 15 % validation, "
                + "15 % test)",
            HelpName = "N",
        };
    private readonly Option<int?> _testPerClass =
        new("--test-per-class") { Description = "test pictures of each class at most (default: all that are left)", HelpName = "N" };
    private readonly Option<bool> _skipBroken =
        new("--skip-broken") { Description = "leave out pictures that cannot be read, instead of ending with a list of them" };
    private readonly Option<string[]> _skipClass =
        new("--skip-class") { Description = "leave out a class, by its name; may be given again", HelpName = "NAME" };
    private readonly Option<string?> _orientation = PictureOptions.Orientation();

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="broken">Whether broken files may be an error.</param>
    public PictureSetOptionSet(Command command, bool broken = true)
    {
        command.Options.Add(_labels);
        command.Options.Add(_boxes);
        command.Options.Add(_orientation);
        command.Options.Add(_trainPerClass);
        command.Options.Add(_testPerClass);
        command.Options.Add(_skipClass);
        if (broken)
        {
            command.Options.Add(_skipBroken);
        }
    }

    /// <summary>The name of an orientation; null where none was given.</summary>
    public string? Orientation(ParseResult parsed) => parsed.GetValue(_orientation);

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="seed">Seed of a split that the folder does not make itself.</param>
    /// <exception cref="GpuCamException">A number is out of range.</exception>
    public PictureSetOptions Read(ParseResult parsed, string folder, ulong seed) => new(folder)
    {
        Labels = parsed.GetValue(_labels),
        Boxes = parsed.GetValue(_boxes),
        Orientation = OptionNames.Orientation.Parse(Orientation(parsed) ?? "exif"),
        Seed = seed,
        TrainPerClass = Checked(parsed, _trainPerClass, 2),
        TestPerClass = Checked(parsed, _testPerClass, 1),
        SkipBroken = parsed.GetValue(_skipBroken),
        SkipClasses = parsed.GetValue(_skipClass) ?? [],
    };

    /// <summary>Refuses options that say which pictures are taken, where there is no folder of them.</summary>
    public void CheckIdle(ParseResult parsed)
    {
        foreach (Option option in (Option[])[_labels, _boxes, _trainPerClass, _testPerClass, _skipClass, _skipBroken])
        {
            if (parsed.GetResult(option) is { Implicit: false, Tokens: var tokens })
            {
                string given = tokens.Count > 0 ? $"{option.Name} {tokens[0]}" : option.Name;
                throw new GpuCamException($"{given} is for pictures; give --data with a folder of them, or leave {option.Name} out");
            }
        }
    }

    private static int? Checked(ParseResult parsed, Option<int?> option, int least) =>
        parsed.GetValue(option) is not { } value || (value >= least && value <= MostPerClass) ? parsed.GetValue(option)
        : throw new GpuCamException($"{option.Name} {value} is out of range; give {least} to {MostPerClass}");
}
