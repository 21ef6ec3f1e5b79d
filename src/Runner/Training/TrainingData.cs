using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Training;

/// <summary>The samples of a training run: a source per canvas size, and the test samples.</summary>
internal sealed class TrainingData : IDisposable
{
    // Generated samples are new in every step; this many are more than any run sees.
    private const int Endless = 1_000_000_000;

    private readonly TrainSettings _settings;
    private readonly CorpusOptions _options;
    private readonly Digits? _digits;
    private readonly Corpus? _corpus;
    private DeviceDigits? _deviceDigits;

    /// <summary>Opens the pictures of <c>--data</c>, or finds the digits to make samples of.</summary>
    /// <param name="settings">Say which.</param>
    /// <param name="preprocessing">How whoever trained the first weights prepared pictures; null for what is usual.</param>
    /// <param name="cache">Where fetched digits lie; null for the usual place.</param>
    /// <param name="report">Gets a line before what may take seconds, and for what is wrong with pictures.</param>
    public TrainingData(TrainSettings settings, Preprocessing? preprocessing, string? cache, Action<string> report)
    {
        _settings = settings;
        _options = new CorpusOptions
        {
            Digits = settings.Digits,
            Cache = cache,
            Protocol = OptionNames.Protocol.Parse(settings.Protocol),
            Size = settings.Size,
            Distractors = settings.Distractors,
            Augment = settings.Augment,
            Channels = settings.Channels,
            Seed = settings.Seed,
            TrainCount = settings.Epoch > 0 ? settings.Epoch : Endless,
            TestCount = Math.Max(settings.FinalEvalImages, Math.Max(settings.EvalImages, settings.Heatmaps)),
        };
        if (settings.Data is not null)
        {
            Pictures = TrainingPictures.Open(settings, preprocessing, report);
            Config = Pictures.Config;
            return;
        }

        _digits = DigitSource.Open(_options, null, report);
        _corpus = Corpus.Generate(_options, _digits);
        Config = settings.NetworkConfig(_corpus.Test.Width, _corpus.Train.ClassNames);
    }

    /// <summary>The pictures of <c>--data</c>; null for generated samples.</summary>
    public TrainingPictures? Pictures { get; }

    /// <summary>The network that samples are made for.</summary>
    public NetworkConfig Config { get; }

    /// <summary>What the samples are made of, in one line.</summary>
    public string Message => Pictures?.Set.Description ?? _corpus!.Message;

    /// <summary>The digits that <c>auto</c> turned out to be.</summary>
    public string Digits => _digits?.Name ?? _settings.Digits;

    public IReadOnlyList<string> ClassNames => Config.ClassNames;

    /// <summary>What evaluations while training are of.</summary>
    public ISampleSource Watched => Pictures?.Watched ?? _corpus!.Test;

    /// <summary>What the last figures are of.</summary>
    public ISampleSource Test => Pictures?.Test ?? _corpus!.Test;

    /// <summary>
    /// Batches of the canvas <paramref name="size"/>, from step <paramref name="firstStep"/> on: the same ones whoever makes them, and
    /// however many ranks make a part of each.
    /// </summary>
    public ITrainingFeed Feed(
        int size, int firstStep, int batch, IDevice device, DeviceTasks tasks, (int First, int Count)? part = null)
    {
        if (Pictures is { } pictures)
        {
            BatchPlan epochs = BatchPlan.Training(pictures.Count, batch, _settings.Seed) with
            {
                TellsEpoch = pictures.TellsEpoch,
                Part = part,
            };
            return new HostFeed(new BatchLoader(pictures.Train, epochs, firstStep));
        }

        ISampleSource source = Train(size);
        if (tasks.MakesSamples && source is ClutteredDigits digits)
        {
            _deviceDigits ??= digits.CopyDigitsTo(device);
            return new DeviceFeed(new DeviceSamples(_deviceDigits, digits.DescribeForDevice(), batch, part), firstStep);
        }

        var plan = new BatchPlan(source.Count, batch, ShuffleSeed: null, Endless: true) { Part = part };
        return new HostFeed(new BatchLoader(source, plan, firstStep));
    }

    public void Dispose() => _deviceDigits?.Dispose();

    /// <summary>A smaller canvas has the same density of clutter, with a random number of fragments.</summary>
    private ISampleSource Train(int size)
    {
        if (size == _settings.Size)
        {
            return _corpus!.Train;
        }

        double share = (double)size * size / ((double)_settings.Size * _settings.Size);
        return Corpus.Generate(_options with { Size = size, PoissonDistractors = _settings.Distractors * share }, _digits!).Train;
    }
}
