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
    private readonly Corpus _corpus;
    private DeviceDigits? _deviceDigits;

    public TrainingData(TrainSettings settings, string? cache, Action<string> report)
    {
        _settings = settings;
        _options = new CorpusOptions
        {
            Digits = settings.Digits,
            Cache = cache,
            Pictures = settings.Data is not { } folder ? null
                : new PictureSetOptions(folder) { Orientation = OptionNames.Orientation.Parse(settings.Orientation), Seed = settings.Seed },
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
            _corpus = Corpus.Open(_options, report);
            return;
        }

        _digits = DigitSource.Open(_options, null, report);
        _corpus = Corpus.Generate(_options, _digits);
    }

    /// <summary>What the samples are made of, in one line.</summary>
    public string Message => _corpus.Message;

    /// <summary>The digits that <c>auto</c> turned out to be.</summary>
    public string Digits => _digits?.Name ?? _settings.Digits;

    public IReadOnlyList<string> ClassNames => _corpus.Train.ClassNames;

    public ISampleSource Test => _corpus.Test;

    /// <summary>
    /// Batches of the canvas <paramref name="size"/>, from step <paramref name="firstStep"/> on: the same ones whoever makes them.
    /// </summary>
    public ITrainingFeed Feed(int size, int firstStep, int batch, IDevice device, DeviceTasks tasks)
    {
        ISampleSource source = Train(size);
        if (tasks.MakesSamples && source is ClutteredDigits digits)
        {
            _deviceDigits ??= digits.CopyDigitsTo(device);
            return new DeviceFeed(new DeviceSamples(_deviceDigits, digits.DescribeForDevice(), batch), firstStep);
        }

        BatchPlan plan = _digits is null
            ? BatchPlan.Training(source.Count, batch, _settings.Seed)
            : new BatchPlan(source.Count, batch, ShuffleSeed: null, Endless: true);
        return new HostFeed(new BatchLoader(source, plan, firstStep));
    }

    public void Dispose() => _deviceDigits?.Dispose();

    /// <summary>A smaller canvas has the same density of clutter, with a random number of fragments.</summary>
    private ISampleSource Train(int size)
    {
        if (_digits is null || size == _settings.Size)
        {
            return _corpus.Train;
        }

        double share = (double)size * size / ((double)_settings.Size * _settings.Size);
        return Corpus.Generate(_options with { Size = size, PoissonDistractors = _settings.Distractors * share }, _digits).Train;
    }
}
