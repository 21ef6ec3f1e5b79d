using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> that train a new head on a network that is there.</summary>
internal sealed class HeadOptions
{
    private readonly Option<string?> _init =
        new("--init")
        {
            Description = "network to start from: a fetched model's name (resnet18), a file (.onnx or .safetensors) or a run folder",
            HelpName = "MODEL"
        };
    private readonly Option<string?> _freeze =
        new("--freeze") { Description = "features: keep the network and fit a linear head on its features, for --data", HelpName = "WHAT" };
    private readonly Option<double?> _penalty =
        new("--penalty") { Description = "with --freeze: L2 penalty on the head (default: chosen on validation pictures)", HelpName = "X" };
    private readonly Option<string?> _compare =
        new("--compare") { Description = "with --freeze: untrained, to measure the network with random weights as well", HelpName = "WHAT" };
    private readonly Option<string?> _features =
        new("--features")
        {
            Description = "with --freeze: file that keeps the pictures' features; give that of an earlier run to save its time (default: "
                + "features.safetensors in the run folder)",
            HelpName = "FILE"
        };
    private readonly Option<string?> _preprocess =
        new("--preprocess")
        {
            Description = "with --init: how pictures become its input: imagenet, caffe, tf, unit or a JSON file (default: as it says)",
            HelpName = "NAME"
        };
    private readonly Option<string?> _fit =
        new("--fit")
        {
            Description = "with --init: how a picture meets its size: crop, stretch, pad or none (default: as its preprocessing says)",
            HelpName = "HOW"
        };
    private readonly Option<int?> _trainPerClass =
        new("--train-per-class")
        {
            Description = "training pictures of each class of --data, at most, where it makes no split itself (default: 70 %)",
            HelpName = "N"
        };
    private readonly Option<int?> _testPerClass =
        new("--test-per-class") { Description = "test pictures of each class, at most (default: all that are left)", HelpName = "N" };

    public HeadOptions(Command command)
    {
        _freeze.CompletionSources.Add(HeadRun.Features);
        _compare.CompletionSources.Add(HeadRun.Untrained);
        _preprocess.CompletionSources.Add([.. Preprocessing.Presets]);
        _fit.CompletionSources.Add([.. OptionNames.Fit.Names]);
        foreach (Option option in (Option[])[_init, _freeze, _penalty, _compare, _features, _preprocess, _fit, _trainPerClass, _testPerClass])
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
        bool frozen = parsed.GetValue(_freeze) is not null;
        IEnumerable<Option> idle = frozen ? others : [_penalty, _compare, _features];
        if (idle.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given && !parsed.GetValue<bool>("--resume"))
        {
            throw new GpuCamException(frozen
                ? $"{given.Name} and --freeze do not go together: a head is fitted, and nothing else trained; leave {given.Name} out"
                : $"{given.Name} is for --freeze features; give both, or leave {given.Name} out");
        }
    }

    /// <summary>The settings with what was given.</summary>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start) => start with
    {
        Init = parsed.GetValue(_init) ?? start.Init,
        Freeze = parsed.GetValue(_freeze) ?? start.Freeze,
        Penalty = parsed.GetValue(_penalty) ?? start.Penalty,
        Compare = parsed.GetValue(_compare) ?? start.Compare,
        Preprocess = parsed.GetValue(_preprocess) ?? start.Preprocess,
        Fit = parsed.GetValue(_fit) is { } fit ? OptionNames.Fit.NameOf(OptionNames.Fit.Parse(fit)) : start.Fit,
        TrainPerClass = parsed.GetValue(_trainPerClass) ?? start.TrainPerClass,
        TestPerClass = parsed.GetValue(_testPerClass) ?? start.TestPerClass,
    };
}
