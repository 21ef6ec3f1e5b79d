using System.CommandLine;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> for a last layer that is fitted alone.</summary>
internal sealed class HeadOptions
{
    private readonly Option<double?> _penalty = new("--penalty")
    {
        Description = "with --freeze features: L2 penalty on the last layer, 0 or more (default: chosen on validation pictures)",
        HelpName = "X",
    };
    private readonly Option<string?> _compare = new("--compare")
    {
        Description = "with --freeze features: untrained, to measure the network with random weights as well", HelpName = "WHAT",
    };
    private readonly Option<string?> _features = new("--features")
    {
        Description = "with --freeze features: file that keeps what the network makes of the pictures; give that of an earlier run to save "
            + "its time (default: features.safetensors in the run folder)",
        HelpName = "FILE",
    };

    public HeadOptions(Command command)
    {
        _compare.CompletionSources.Add(HeadRun.Untrained);
        foreach (Option option in (Option[])[_penalty, _compare, _features])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The file that keeps features, or null.</summary>
    public string? Features(ParseResult parsed) => parsed.GetValue(_features);

    /// <summary>Refuses options that would change nothing.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isHead">Whether a last layer is fitted alone.</param>
    /// <param name="others">Options that say how networks are trained.</param>
    public void Check(ParseResult parsed, bool isHead, IEnumerable<Option> others)
    {
        IEnumerable<Option> idle = isHead ? others : [_penalty, _compare, _features];
        if (idle.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given && !parsed.GetValue<bool>("--resume"))
        {
            throw new GpuCamException(isHead
                ? $"{given.Name} and --freeze {TrainSettings.Features} do not go together: the last layer is fitted, and nothing trained; "
                    + $"leave {given.Name} out"
                : $"{given.Name} is for --freeze {TrainSettings.Features}; give both, or leave {given.Name} out");
        }
    }

    /// <summary>The settings with what was given.</summary>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start) => start with
    {
        Penalty = parsed.GetValue(_penalty) ?? start.Penalty,
        Compare = parsed.GetValue(_compare) ?? start.Compare,
    };
}
