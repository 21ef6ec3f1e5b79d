using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Models;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>
/// Trains a linear head on the features of a network that stays as it is: each picture runs through the network once, then a head is
/// fitted (<see cref="HeadFitter"/>), tested and written. The run folder is that of any run, with the features beside it, so that a run
/// that was stopped goes on where it was; everything but the clock is a pure function of settings, pictures and backend. The ranks of a
/// job share the pictures; rank 0 fits the head, and alone touches the folder.
/// </summary>
internal sealed class HeadRun : IDisposable
{
    /// <summary>The value of <c>--compare</c>.</summary>
    public const string Untrained = "untrained";

    private readonly RankJob _job;
    private readonly TrainSettings _settings;
    private readonly PictureSet _set;
    private readonly RunFolder _folder;
    private readonly IDevice _device;
    private readonly ITrainingDisplay _display;
    private readonly DataPicture[] _pictures;
    private readonly BaseFile _base;
    private readonly Execution _network;
    private readonly Execution? _untrained;
    private readonly string _value;
    private readonly string? _features;
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Loads the network; nothing is written yet.</summary>
    /// <param name="job">Who does it.</param>
    /// <param name="settings">What to do.</param>
    /// <param name="set">The pictures.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="device">Where the network runs.</param>
    /// <param name="display">Hears how it goes.</param>
    /// <param name="features">The file that keeps the features; null for one in the run folder.</param>
    /// <exception cref="GpuCamException">
    /// The network has no features, nothing says how pictures become its input, or a split is empty.
    /// </exception>
    public HeadRun(
        RankJob job, TrainSettings settings, PictureSet set, RunFolder folder, IDevice device, ITrainingDisplay display,
        string? features = null)
    {
        (_job, _settings, _set, _folder, _device, _display, _features) = (job, settings, set, folder, device, display, features);
        if (set.Train.Count == 0 || set.Test.Count == 0 || set.ClassNames.Count < 2)
        {
            throw new GpuCamException($"{set.Folder}: {set.ClassNames.Count} classes, {set.Train.Count} training and {set.Test.Count} test "
                + "pictures; a head needs two classes and some of both");
        }

        _pictures = [.. set.Train, .. set.Validation, .. set.Test];
        _base = ModelNames.BaseOf(settings.Init!);
        _network = Load();
        _value = _network.Graph.Output.Producer!.Inputs[0].Name;
        if (settings.Compare is not null)
        {
            _untrained = Load();
            HeadNetwork.Unlearn(_untrained, settings.Seed);
        }
    }

    /// <summary>Runs to the end, or to the user's Ctrl-C. Collective.</summary>
    public TrainingOutcome Run(bool resume, CancellationToken cancellation)
    {
        RunFacts.Agree(_job, _settings, _device, _set, _display.Say);
        if (resume && _job.OfFirst(() => File.Exists(_folder.Last)))
        {
            return new TrainingOutcome(_job.OfFirst(_folder.LastStep), null, false);
        }

        if (!resume)
        {
            _job.OnFirst(() =>
            {
                AtomicFile.WriteAllText(
                    _folder.RunJson, RunnerJson.Pretty(RunRecord.Create(_device, _set.Description, _settings, _job)) + "\n");
                SplitTable.Write(_folder.File(SplitTable.FileName), _set);
            });
        }

        Announce();
        string file = _features ?? _folder.File("features.safetensors");
        FeatureSource trained = Source(_network, file, "as they are");
        FeatureSource? untrained = _untrained is null ? null : Source(
            _untrained, $"{Path.ChangeExtension(file, null)}-{Untrained}.safetensors",
            FormattableString.Invariant($"random, seed {_settings.Seed}"));
        var pass = new FeaturePass(
            _job, _pictures, untrained is null ? [trained] : [trained, untrained], OptionNames.Orientation.Parse(_settings.Orientation),
            _display.Say);
        return pass.Run(cancellation)
            ? _job.OfFirst(() => Train(trained, untrained, pass, cancellation))
            : new TrainingOutcome(0, null, true);
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        _network.Dispose();
        _untrained?.Dispose();
    }

    private Execution Load()
    {
        var request = new NetworkRequest(_base.File)
        {
            Preprocessing = _settings.Preprocess is { } preset ? PreprocessingFile.PresetOrFile(preset) : null,
            Fit = _settings.Fit is { } fit ? OptionNames.Fit.Parse(fit) : null,
            FindBase = ModelNames.FetchedBase,
        };
        return NetworkLoader.Load(request, _device, body =>
        {
            Value features = HeadNetwork.FeaturesOf(body);
            int classes = _set.ClassNames.Count;
            var empty = new HeadWeights(new float[classes * features.Shape.C], new float[classes]);
            PictureSource.PreprocessingOf(body);
            return HeadNetwork.Attach(body, features, _set.ClassNames, empty);
        });
    }

    /// <summary>Fits the head to the features and writes all files; rank 0 does.</summary>
    private TrainingOutcome Train(
        FeatureSource trained, FeatureSource? untrained, FeaturePass pass, CancellationToken cancellation)
    {
        try
        {
            var entries = new List<HeadEntry>();
            HeadWeights head = Fitter(trained).Fit(_settings.Penalty, entry => Hear(entry, entries), cancellation);
            Classification test = Test(trained).Test(head);
            HeadEntry last = entries[^1] with
            {
                TestImages = (int)test.Count,
                TestLoss = test.MeanLoss,
                TestAccuracy = test.Accuracy,
                TestClassAccuracy = test.MeanOfClasses,
            };
            if (untrained is not null)
            {
                _display.Say("the same features of the network with random weights:");
                HeadWeights other = Fitter(untrained).Fit(_settings.Penalty, entry => Hear(entry, []), cancellation);
                Classification beside = Test(untrained).Test(other);
                last = last with { UntrainedAccuracy = beside.Accuracy, UntrainedClassAccuracy = beside.MeanOfClasses };
            }

            var files = new HeadRunFiles(_settings, _set, _folder, _base, _network);
            EvaluationResult result = files.Write(head, [.. entries.SkipLast(1), last], test, _display.Say);
            files.Finish(head, last, Stopwatch.GetElapsedTime(_start).TotalSeconds, pass);
            return new TrainingOutcome(last.Step, result, false);
        }
        catch (OperationCanceledException)
        {
            return new TrainingOutcome(0, null, true);
        }
    }

    private void Hear(HeadEntry entry, List<HeadEntry> entries)
    {
        entries.Add(entry);
        _display.Say(entry.ToText());
    }

    /// <summary>A network's features: those that are known of before are in rank 0's file.</summary>
    private FeatureSource Source(Execution network, string file, string weights)
    {
        Preprocessing preprocessing = _network.Network.Preprocessing!;
        string mean = preprocessing.MeanImage is { } image
            ? Convert.ToHexStringLower(Sha256.Of(MemoryMarshal.AsBytes(image.Values))) : "none";
        string key = $"{_base.Sha256} {_value}, weights {weights}; {PreprocessingFile.ToJson(preprocessing)}, mean image {mean}; "
            + $"{_settings.Orientation}; {DeviceCatalog.NameOf(_device.Backend)} {_settings.Precision}";
        int channels = _network.Graph.Value(_value).Shape.C;
        return new FeatureSource(
            network, _value, _job.Together(() => _job.IsFirst ? FeatureCache.Open(file, key, _pictures, channels, _display.Say) : null));
    }

    private HeadFitter Fitter(FeatureSource source) => new(
        Part(source, 0, _set.Train.Count),
        _set.Validation.Count == 0 ? null : Part(source, _set.Train.Count, _set.Validation.Count),
        _set.ClassNames.Count);

    private LabelledFeatures Test(FeatureSource source) => Part(source, _set.Train.Count + _set.Validation.Count, _set.Test.Count);

    private LabelledFeatures Part(FeatureSource source, int start, int count)
    {
        int channels = source.Cache!.Channels;
        return new LabelledFeatures(
            source.Cache.Values.AsSpan(start * channels, count * channels).ToArray(),
            [.. _pictures.Skip(start).Take(count).Select(picture => picture.Label)]);
    }

    private void Announce()
    {
        _display.Say($"run      {_folder.Root}");
        _display.Say($"device   {_device.Description} ({DeviceCatalog.Engine}), {_settings.Precision}");
        _display.Say($"samples  {_set.Description}");
        Shape features = _network.Graph.Value(_value).Shape;
        _display.Say(string.Create(CultureInfo.InvariantCulture,
            $"network  {_base.Name}: {features.C} features ({_value}), "
                + $"a head of {_set.ClassNames.Count * (features.C + 1):N0} parameters"));
    }
}
