using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Models;

namespace GpuCam.Runner.Training;

/// <summary>How a training run ended.</summary>
internal sealed record TrainingOutcome(int Step, EvaluationResult? Test, bool Interrupted);

/// <summary>
/// Trains a network and keeps its run folder. Everything but the clock is a pure function of the settings, and a run that was
/// killed at any moment goes on from its newest checkpoint to the same bytes.
/// </summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainSettings _settings;
    private readonly RunFolder _folder;
    private readonly IDevice _device;
    private readonly ITrainingDisplay _display;
    private readonly TimeSpan? _timeLimit;
    private readonly DeviceTasks _tasks;
    private readonly CanvasPlan _plan;
    private readonly TrainingData _data;
    private readonly Execution _network;
    private readonly Optimizer _optimizer;
    private readonly LearningRateSchedule _schedule;
    private readonly Trainer _trainer;
    private readonly Evaluator _evaluator;
    private readonly Evaluator _test;
    private readonly HeatmapWriter _heatmaps;
    private readonly WorstWriter _worst;
    private readonly TrainingClock _clock;
    private readonly PoolingGain _gain;
    private RunProgress _progress = new();
    private EvaluationResult? _lastTest;
    private float _learningRate;
    private int _canvas;

    public TrainingRun(TrainSettings settings, RunFolder folder, IDevice device, ITrainingDisplay display, string? cache,
        TimeSpan? timeLimit, DeviceTasks? tasks = null)
    {
        _settings = settings;
        _folder = folder;
        _device = device;
        _display = display;
        _timeLimit = timeLimit;
        _tasks = tasks ?? DeviceTasks.Of(device);
        InitialWeights? weights = settings.Init is { } init ? InitialWeights.Read(ModelNames.FileOf(init)) : null;
        _data = new TrainingData(settings, weights?.Preprocessing, cache, display.Say);
        if (_data.Pictures is { } pictures)
        {
            settings = settings.For(pictures).Validated();
        }

        _plan = CanvasPlan.Parse(settings.Canvas, settings.Size);
        _canvas = _plan.SizeAt(0);
        _settings = settings with { Digits = _data.Digits };
        _network = settings.CreateNetwork(device, _data.Config, weights, display.Say);
        _optimizer = settings.CreateOptimizer(_network);
        _schedule = settings.CreateSchedule();
        _trainer = new Trainer(_network, _optimizer, _tasks.LateSteps) { Seed = settings.Seed };
        _evaluator = new Evaluator(_network, _data.Watched, settings.EvaluationPlan());
        _test = _data.Test == _data.Watched ? _evaluator : new Evaluator(_network, _data.Test, settings.EvaluationPlan());
        _heatmaps = new HeatmapWriter(
            _network, _data.Test, settings.Heatmaps, OptionNames.Resize.Parse(settings.Resize), settings.ShownBackground, folder);
        _worst = new WorstWriter(_network, _data.Test, settings, folder);
        _clock = new TrainingClock(folder);
        _gain = new PoolingGain(_network, settings.PoolingGain, settings.Size);
    }

    private double Progress
    {
        get
        {
            double bySteps = (double)_trainer.StepCount / _settings.Steps;
            return _timeLimit is { } limit ? Math.Max(bySteps, _clock.Seconds / limit.TotalSeconds) : bySteps;
        }
    }

    /// <summary>Trains to the last step, the time limit or the user's Ctrl-C, whichever comes first.</summary>
    public TrainingOutcome Run(bool resume, CancellationToken cancellation)
    {
        if (resume)
        {
            Resume();
        }
        else
        {
            AtomicFile.WriteAllText(_folder.RunJson, RunnerJson.Pretty(RunRecord.Create(_device, _data.Message, _settings)) + "\n");
            if (_data.Pictures is { } pictures)
            {
                SplitTable.Write(_folder.File(SplitTable.FileName), pictures.Set);
            }
        }

        RunAnnouncement.Say(_display, _folder, _device, _data, _settings, _network);
        if (Progress < 1 && WarmUp.Run(_device, _settings, _plan, _data, _tasks) is { Kernels: > 0 } compiled)
        {
            _display.Say(
                string.Create(CultureInfo.InvariantCulture, $"kernels  {compiled.Kernels} compiled in {compiled.Time.TotalSeconds:0.0} s"));
        }

        if (_progress.Step == 0)
        {
            Evaluate();
        }

        try
        {
            _display.Track(_progress.Step, _settings.Steps, report => Train(report, cancellation));
        }
        catch (NonFiniteLossException e)
        {
            Count(wait: false);
            string good = _folder.CheckpointSteps() is [int step, ..] ? _folder.ModelOf(step) : "none yet";
            throw new NonFiniteLossException($"{e.Message} (stopped after step {_progress.Step}); the last good checkpoint is {good}", e);
        }

        return new TrainingOutcome(_progress.Step, _lastTest, cancellation.IsCancellationRequested && Progress < 1);
    }

    public void Dispose()
    {
        _worst.Dispose();
        _heatmaps.Dispose();
        _evaluator.Dispose();
        _test.Dispose();
        _trainer.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
        _data.Dispose();
    }

    private void Train(Action<StepReport> report, CancellationToken cancellation)
    {
        while (Progress < 1)
        {
            int size = _canvas = _plan.SizeAt(Progress);
            using ITrainingFeed feed = _data.Feed(size, _trainer.StepCount, _settings.Batch, _device, _tasks);
            _gain.Unfold(size);
            while (Progress < 1 && _plan.SizeAt(Progress) == size)
            {
                if (cancellation.IsCancellationRequested)
                {
                    Count(wait: true);
                    Save(isBest: false);
                    return;
                }

                _clock.Start();
                _learningRate = _schedule.At(Progress);
                feed.Begin(_trainer, _learningRate);
                _clock.Stop(_settings.Batch);
                bool evaluate = _trainer.StepCount % _settings.Every == 0 || Progress >= 1;
                if (Count(wait: evaluate))
                {
                    report(new StepReport(_progress.Step, _progress.Loss, _progress.Accuracy, _clock.ImagesPerSecond));
                }

                if (evaluate)
                {
                    Evaluate();
                    _gain.Unfold(size);
                }
            }
        }
    }

    /// <summary>Counts the steps whose losses are known, or waits for all of them; false if there was none.</summary>
    private bool Count(bool wait)
    {
        _clock.Start();
        IReadOnlyList<StepResult> results = _trainer.Results(wait);
        _clock.Stop(0);
        foreach (StepResult result in results)
        {
            _progress.Add(result);
        }

        return results.Count > 0;
    }

    /// <summary>Tests the network, draws its maps, logs both, then writes the checkpoint: the order that a resume relies on.</summary>
    private void Evaluate()
    {
        _gain.Fold();
        CheckFinite();
        bool last = Progress >= 1, watchesTest = _test == _evaluator;
        WorstImages? worst = last ? new WorstImages() : null;
        EvaluationResult watched = _evaluator.Run(
            last && watchesTest ? _settings.FinalEvalImages : _settings.EvalImages, watchesTest ? worst : null);
        _heatmaps.Write(_progress.Step);

        MetricsEntry entry = MetricsEntry.Create(_progress, _settings, _learningRate, _canvas, watched) with
        {
            Split = watchesTest ? null : "validation",
        };
        RunFolder.Append(_folder.Metrics, RunnerJson.Line(entry));
        _clock.Log(_progress.Step, watched.ImagesPerSecond!.Value);
        RunCurves.Write(_folder);
        _display.Say(entry.ToText(_settings.Steps, _clock));
        _lastTest = last && !watchesTest ? _test.Run(_settings.FinalEvalImages, worst) : watched;
        EvaluationRecord.Write(_folder, _progress.Step, _data.ClassNames, _lastTest);
        _worst.Write(_progress.Step, worst);
        Save(_progress.Evaluated(watched.Accuracy));
    }

    private void Save(bool isBest)
    {
        _gain.Fold();
        CheckFinite();
        RunCheckpoint.Save(_folder, _network, _optimizer, _progress.ToStored(_settings.Batch), isBest);
        _folder.KeepNewest(_settings.KeepCheckpoints, _progress.Step);
    }

    /// <summary>
    /// Weights can leave the finite numbers while ReLU hides it from the loss; such a network is neither tested nor saved.
    /// </summary>
    private void CheckFinite()
    {
        foreach (Parameter parameter in _network.Saved)
        {
            if (Array.Exists(parameter.Value.ToArray(), value => !float.IsFinite(value)))
            {
                throw new NonFiniteLossException(
                    $"{parameter.Name} is not finite: lower the learning rate, and look for non-finite values in the data");
            }
        }
    }

    private void Resume()
    {
        _progress = RunCheckpoint.LoadNewest(_folder, _network, _optimizer, _display.Say);
        RunFolder.CutBack(_folder.Metrics, _progress.Step, keep: _progress.Step > 0);
        RunFolder.CutBack(_folder.Heatmaps, _progress.Step, keep: _progress.Step > 0);
        RunFolder.CutBack(_folder.Timing, _progress.Step, keep: _progress.Step > 0);
        _clock.Resume();
    }
}
