using System.CommandLine;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> that say how a batch is shared by ranks and threads.</summary>
internal sealed class ShardOptions
{
    private readonly Option<int?> _shards =
        new("--shards")
        {
            Description = "cut each batch into N shards and add their gradients in order: the same bits with any number of ranks and "
                + "threads (default: not cut in one process; 8 or more with several ranks)",
            HelpName = "N",
        };

    private readonly Option<string?> _reduce =
        new("--reduce")
        {
            Description = "how gradients are added: ordered (the same bits with any number of ranks) or fast, as the ranks' library "
                + "likes (default: ordered for the reference network and with --shards, else fast)",
            HelpName = "ordered|fast",
        };

    public ShardOptions() => _reduce.CompletionSources.Add([.. OptionNames.Reduction.Names]);

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_shards, _reduce];

    /// <summary>The settings with what was given.</summary>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start) => start with
    {
        Shards = parsed.GetValue(_shards) ?? start.Shards,
        Reduce = parsed.GetValue(_reduce) ?? start.Reduce,
    };
}
