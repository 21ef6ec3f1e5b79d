using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c>: a preset, and what is to differ from it.</summary>
internal sealed class TrainOptions
{
    private readonly DataOptions _data;
    private readonly NetworkOptions _network;
    private readonly HeadOptions _head;
    private readonly LengthOptions _length = new();
    private readonly ShardOptions _shared = new();
    private readonly Option<string?> _preset =
        new("--preset")
        {
            Description = "starting point of the other options: quick, reference, original, scratch or fine-tune; see below (default: "
                + "quick; on pictures fine-tune with --init, scratch with another network than the reference)",
            HelpName = "NAME"
        };
    private readonly Option<string?> _out =
        new("--out", "-o") { Description = "run folder to make (default: runs/DATE-TIME)", HelpName = "DIR" };
    private readonly Option<bool> _resume =
        new("--resume") { Description = "continue the run in --out (default: the newest in runs/) with the settings it began with" };
    private readonly Option<int?> _batch = new("--batch") { Description = "images per step, 1 to 65536", HelpName = "N" };
    private readonly Option<float?> _learningRate = new("--lr") { Description = "highest learning rate, above 0", HelpName = "RATE" };
    private readonly Option<string?> _optimizer = new("--optimizer") { Description = "adam, momentum or sgd", HelpName = "NAME" };
    private readonly Option<string?> _schedule =
        new("--schedule") { Description = "of the learning rate: constant, cosine or one-cycle", HelpName = "NAME" };
    private readonly Option<float?> _weightDecay =
        new("--weight-decay") { Description = "L2 penalty on all parameters, 0 or more", HelpName = "X" };
    private readonly Option<float?> _poolingGain =
        new("--pooling-gain")
        {
            Description = "factor on the pooled features while training, a power of two; folded into the classifier "
            + "when saved", HelpName = "X"
        };
    private readonly Option<string?> _pooling =
        new("--pooling") { Description = "global pooling of the feature maps: average, or max for comparison", HelpName = "average|max" };
    private readonly Option<int?> _pools =
        new("--pools") { Description = "max-pools: 2, or 1 for feature maps of twice the resolution", HelpName = "N" };
    private readonly Option<string?> _canvas =
        new("--canvas")
        {
            Description = "canvases to train on, as SIZE:SHARE of the steps, for example 40:0.7,60:0.2,100:0.1",
            HelpName = "PLAN"
        };
    private readonly Option<int?> _channels = new("--channels") { Description = "input channels: 1 (grey) or 3", HelpName = "N" };
    private readonly Option<string?> _widths =
        new("--widths") { Description = "channels of conv1 and conv2, 1 to 4096 each, for example 32,64", HelpName = "A,B" };
    private readonly Option<int?> _every =
        new("--every")
        {
            Description = "steps between evaluations, 1 or more; each writes metrics, a checkpoint and heat maps",
            HelpName = "N"
        };
    private readonly Option<int?> _evalImages =
        new("--eval-images") { Description = "test images per evaluation, 1 to 1000000", HelpName = "N" };
    private readonly Option<int?> _finalEvalImages =
        new("--final-eval-images") { Description = "test images of the last evaluation, 1 to 1000000", HelpName = "N" };
    private readonly Option<int?> _heatmaps =
        new("--heatmaps") { Description = "test images whose maps are drawn at every evaluation, 0 or more", HelpName = "N" };
    private readonly Option<bool> _trackLocalisation =
        new("--track-localisation")
        {
            Description = "measure at every evaluation how exactly maps find the digit (metrics.jsonl, "
            + "localisation.svg)"
        };
    private readonly Option<string?> _resize =
        new("--resize") { Description = "how maps are resized: half-pixel (exact) or legacy (as the original did)", HelpName = "MODE" };
    private readonly Option<string?> _background = PictureOptions.Background("dark for generated samples, light for --data");
    private readonly Option<int?> _keep = new("--keep") { Description = "newest checkpoints to keep, 1 or more", HelpName = "N" };

    public TrainOptions(Command command)
    {
        _preset.CompletionSources.Add(Presets.Names);
        _optimizer.CompletionSources.Add(TrainSetup.Optimizers);
        _schedule.CompletionSources.Add([.. LearningRateSchedule.Names]);
        _resize.CompletionSources.Add("half-pixel", "legacy");
        command.Options.Add(_preset);
        command.Options.Add(_out);
        command.Options.Add(_resume);
        _data = new DataOptions(command);
        _network = new NetworkOptions(command, _data);
        _head = new HeadOptions(command);
        foreach (Option option in (Option[])[.. _length.All, _batch, .. _shared.All, _learningRate, _optimizer, _schedule,
            _weightDecay, _poolingGain, _pooling, _pools, _canvas, _channels, _widths, _every, _evalImages, _finalEvalImages, _heatmaps,
            _trackLocalisation, _resize, _background, _keep])
        {
            command.Options.Add(option);
        }
    }

    public string? Cache(ParseResult parsed) => _data.Cache(parsed);

    /// <summary>The time limit, or null.</summary>
    public TimeSpan? TimeLimit(ParseResult parsed) => _length.TimeLimit(parsed);

    /// <summary>The file that keeps features, or null.</summary>
    public string? Features(ParseResult parsed) => _head.Features(parsed);

    /// <summary>The run folder, its settings, and whether it is to be continued. Collective; the folder need be there on rank 0 alone.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="precision">What <c>--precision</c> says, or null.</param>
    /// <param name="job">Who trains.</param>
    public (RunFolder Folder, TrainSettings Settings, bool Resume) Read(ParseResult parsed, string? precision, RankJob job)
    {
        string? path = parsed.GetValue(_out);
        if (!parsed.GetValue(_resume))
        {
            string dated = Path.Combine("runs", DateTime.Now.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
            return (new RunFolder(path ?? dated, apart: path is null), job.Together(() => Begun(parsed, precision)), false);
        }

        var folder = new RunFolder(job.OfFirst(() => path ?? NewestRun()));
        TrainSettings recorded = job.OfFirst(() => RunRecord.Read(folder).Settings);
        return (folder, job.Together(() => Continued(parsed, precision, folder, recorded)), true);
    }

    private TrainSettings Begun(ParseResult parsed, string? precision)
    {
        string usual = _data.Data(parsed) is null ? "quick" : _network.UsualPreset(parsed);
        return Apply(parsed, Presets.Get(parsed.GetValue(_preset) ?? usual), precision).Validated();
    }

    private TrainSettings Continued(ParseResult parsed, string? precision, RunFolder folder, TrainSettings recorded)
    {
        if (parsed.GetValue(_preset) is { } preset && preset != recorded.Preset)
        {
            throw new GpuCamException(
                $"--resume: the run in {folder.Root} began with preset {recorded.Preset}, not {preset}; leave --preset out");
        }

        TrainSettings wanted = Apply(parsed, recorded, precision);
        if (RunnerJson.Line(wanted) != RunnerJson.Line(recorded))
        {
            throw new GpuCamException($"--resume: {TrainSettings.FirstDifference(recorded, wanted)}; a resumed run keeps the settings it "
                + "began with, so leave that option out");
        }

        return recorded.Validated();
    }

    private static string NewestRun()
    {
        string? newest = Directory.Exists("runs")
            ? Directory.GetDirectories("runs").Where(run => File.Exists(Path.Combine(run, "run.json"))).Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;
        return newest ?? throw new GpuCamException("--resume: there is no run in runs/; name its folder with --out");
    }

    private TrainSettings Apply(ParseResult parsed, TrainSettings start, string? precision)
    {
        int batch = parsed.GetValue(_batch) ?? start.Batch;
        _head.Check(parsed, [.. _length.All, _batch, .. _shared.All, _learningRate, _optimizer, _schedule, _weightDecay,
            _poolingGain, _pooling, _pools, _canvas, _channels, _widths, _every, _evalImages, _finalEvalImages, _trackLocalisation, _keep]);
        string pooling = parsed.GetValue(_pooling) ?? start.Pooling;
        int size = _data.Size(parsed) ?? start.Size;
        start = _shared.Apply(parsed, _head.Apply(parsed, _length.Apply(parsed, _network.Apply(parsed, start), batch)));
        return start with
        {
            Digits = _data.Digits(parsed) ?? start.Digits,
            Protocol = _data.ProtocolName(parsed) ?? start.Protocol,
            Distractors = _data.Distractors(parsed) ?? start.Distractors,
            Seed = _data.Seed(parsed) ?? start.Seed,
            Size = size,
            Canvas = parsed.GetValue(_canvas) ?? CanvasPlan.Fit(start, size, start.Data is not null),
            Batch = batch,
            Precision = precision ?? start.Precision,
            LearningRate = parsed.GetValue(_learningRate) ?? start.LearningRate,
            Optimizer = parsed.GetValue(_optimizer) ?? start.Optimizer,
            Schedule = parsed.GetValue(_schedule) ?? start.Schedule,
            WeightDecay = parsed.GetValue(_weightDecay) ?? start.WeightDecay,
            PoolingGain = parsed.GetValue(_poolingGain) ?? (pooling == "max" ? 1 : start.PoolingGain),
            Pooling = pooling,
            Pools = parsed.GetValue(_pools) ?? start.Pools,
            Channels = parsed.GetValue(_channels) ?? start.Channels,
            Widths = parsed.GetValue(_widths) is { } widths ? ReadWidths(widths) : start.Widths,
            Every = parsed.GetValue(_every) ?? start.Every,
            EvalImages = parsed.GetValue(_evalImages) ?? start.EvalImages,
            FinalEvalImages = parsed.GetValue(_finalEvalImages) ?? start.FinalEvalImages,
            Heatmaps = parsed.GetValue(_heatmaps) ?? start.Heatmaps,
            TrackLocalisation = parsed.GetValue(_trackLocalisation) || start.TrackLocalisation,
            Resize = parsed.GetValue(_resize) ?? start.Resize,
            Background = parsed.GetValue(_background) ?? start.Background,
            KeepCheckpoints = parsed.GetValue(_keep) ?? start.KeepCheckpoints,
        };
    }

    private static List<int> ReadWidths(string text)
    {
        var widths = new List<int>();
        foreach (string part in text.Split(','))
        {
            widths.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width) ? width
                : throw new GpuCamException($"--widths {text}: '{part}' is no number; give for example 32,64"));
        }

        return widths;
    }
}
