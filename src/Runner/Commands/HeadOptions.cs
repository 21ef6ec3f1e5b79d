using System.CommandLine;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> that train a new head on a network that is there.</summary>
internal sealed class HeadOptions
{
    private readonly Option<double?> _penalty =
        new("--penalty")
        {
            Description = "with --freeze features: L2 penalty on the head (default: chosen on validation pictures)",
            HelpName = "X",
        };

    private readonly Option<string?> _compare =
        new("--compare")
        {
            Description = "with --freeze features: untrained, to measure the network with random weights as well",
            HelpName = "WHAT",
        };

    private readonly Option<string?> _features =
        new("--features")
        {
            Description = "with --freeze features: file that keeps the pictures' features; give that of an earlier run to save its "
                + "time (default: features.safetensors in the run folder)",
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
    /// <param name="others">Options that say how a whole network is trained.</param>
    public void Check(ParseResult parsed, IEnumerable<Option> others)
    {
        bool frozen = parsed.GetValue<string?>("--freeze") == TrainSettings.Features;
        IEnumerable<Option> idle = frozen ? others : [_penalty, _compare, _features];
        Option? given = idle.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        if (given is not null && !parsed.GetValue<bool>("--resume"))
        {
            throw new GpuCamException(frozen
                ? $"{given.Name} and --freeze do not go together: a head is fitted, and nothing else trained; leave {given.Name} out"
                : $"{given.Name} {parsed.GetResult(given)!.Tokens[0]} is for --freeze features; give both, or leave {given.Name} out");
        }
    }

    /// <summary>The settings with what was given.</summary>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start) => start with
    {
        Penalty = parsed.GetValue(_penalty) ?? start.Penalty,
        Compare = parsed.GetValue(_compare) ?? start.Compare,
    };
}
