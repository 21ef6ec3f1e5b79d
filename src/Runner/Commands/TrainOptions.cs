using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c>: a preset, and what is to differ from it.</summary>
internal sealed class TrainOptions
{
    private readonly DataOptions _data;
    private readonly NetworkOptions _network;
    private readonly HeadOptions _head;
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
    private readonly Option<int?> _steps = new("--steps") { Description = "steps in all, 1 or more", HelpName = "N" };
    private readonly Option<double?> _epochs =
        new("--epochs")
        {
            Description = "the same in passes over the training pictures of --data, or over 70,000 images, above 0",
            HelpName = "N",
        };
    private readonly Option<string?> _time =
        new("--time")
        {
            Description = "stop after this much training: 90s, 5m, 1h; such a run is not repeatable bit for bit",
            HelpName = "TIME"
        };
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
        foreach (Option option in (Option[])[_steps, _epochs, _time, _batch, _learningRate, _optimizer, _schedule, _weightDecay,
            _poolingGain, _pooling, _pools, _canvas, _channels, _widths, _every, _evalImages, _finalEvalImages, _heatmaps,
            _trackLocalisation, _resize, _background, _keep])
        {
            command.Options.Add(option);
        }
    }

    public string? Cache(ParseResult parsed) => _data.Cache(parsed);

    /// <summary>The file that keeps features, or null.</summary>
    public string? Features(ParseResult parsed) => _head.Features(parsed);

    /// <summary>The time limit, or null.</summary>
    public TimeSpan? TimeLimit(ParseResult parsed)
    {
        if (parsed.GetValue(_time) is not { } text)
        {
            return null;
        }

        double seconds = text.Length > 1 && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value * (text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => double.NaN })
            : double.NaN;
        return seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : throw new GpuCamException($"--time {text} is not understood; give for example 90s, 5m or 1h");
    }

    /// <summary>The run folder, its settings, and whether it is to be continued.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="precision">What <c>--precision</c> says, or null.</param>
    public (RunFolder Folder, TrainSettings Settings, bool Resume) Read(ParseResult parsed, string? precision)
    {
        string? path = parsed.GetValue(_out);
        if (!parsed.GetValue(_resume))
        {
            string dated = Path.Combine("runs", DateTime.Now.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
            string usual = _data.Data(parsed) is null ? "quick" : _network.UsualPreset(parsed);
            TrainSettings start = Presets.Get(parsed.GetValue(_preset) ?? usual);
            return (new RunFolder(path ?? dated, apart: path is null), Apply(parsed, start, precision).Validated(), false);
        }

        var folder = new RunFolder(path ?? NewestRun());
        TrainSettings recorded = RunRecord.Read(folder).Settings;
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

        return (folder, recorded.Validated(), true);
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
        if (parsed.GetValue(_steps) is not null && parsed.GetValue(_epochs) is not null)
        {
            throw new GpuCamException("--steps and --epochs say the same thing; give one of them");
        }

        _head.Check(parsed, [_steps, _epochs, _time, _batch, _learningRate, _optimizer, _schedule, _weightDecay, _poolingGain, _pooling,
            _pools, _canvas, _channels, _widths, _every, _evalImages, _finalEvalImages, _trackLocalisation, _keep]);
        string pooling = parsed.GetValue(_pooling) ?? start.Pooling;
        int size = _data.Size(parsed) ?? start.Size;
        start = _head.Apply(parsed, WithLength(parsed, _network.Apply(parsed, start), batch));
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

    /// <summary>Passes over pictures become steps when the pictures are known; over generated samples, which are endless, now.</summary>
    private TrainSettings WithLength(ParseResult parsed, TrainSettings start, int batch)
    {
        if (parsed.GetValue(_epochs) is not { } epochs)
        {
            return parsed.GetValue(_steps) is { } steps ? start with { Steps = steps, Epochs = 0 } : start;
        }

        return start.Data is null ? start with { Steps = StepsOf(epochs, batch) }
            : epochs > 0 && double.IsFinite(epochs) ? start with { Epochs = epochs, Steps = epochs == start.Epochs ? start.Steps : 0 }
            : throw new GpuCamException(FormattableString.Invariant($"--epochs {epochs} is out of range; give a number above 0"));
    }

    private static int StepsOf(double epochs, int batch)
    {
        const int Epoch = 70_000;
        double steps = Math.Ceiling(epochs * Epoch / Math.Max(1, batch));
        return steps is >= 1 and <= int.MaxValue
            ? (int)steps
            : throw new GpuCamException(FormattableString.Invariant($"--epochs {epochs} is out of range; give a number above 0"));
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
