using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Models;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>How a training run ended.</summary>
internal sealed record TrainingOutcome(int Step, EvaluationResult? Test, bool Interrupted);

/// <summary>
/// Trains a network and keeps its run folder. Everything but the clock is a pure function of the settings, and a run that was
/// killed at any moment goes on from its newest checkpoint to the same bytes. All ranks of a job train, test and draw, and decide alike;
/// rank 0 alone touches the folder.
/// </summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly RankJob _job;
    private readonly TrainSettings _settings;
    private readonly RunFolder _folder;
    private readonly IDevice _device;
    private readonly ITrainingDisplay _display;
    private readonly TimeSpan? _timeLimit;
    private readonly DeviceTasks _tasks;
    private readonly Sharding? _sharding;
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
    private readonly RunFiles _files;
    private readonly PoolingGain _gain;
    private RunProgress _progress = new();
    private EvaluationResult? _lastTest;
    private float _learningRate;
    private int _canvas;
    private double _seconds;
    private bool _stopped;

    public TrainingRun(RankJob job, TrainSettings settings, RunFolder folder, IDevice device, ITrainingDisplay display, string? cache,
        TimeSpan? timeLimit, DeviceTasks? tasks = null)
    {
        (_job, _folder, _device, _display, _timeLimit) = (job, folder, device, display, timeLimit);
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
        _sharding = settings.Sharding(job);
        _trainer = new Trainer(_network, _optimizer, _tasks.LateSteps)
        {
            Seed = settings.Seed,
            Sharding = _sharding,
            BatchImages = settings.Batch,
        };
        _evaluator = new Evaluator(job, _network, _data.Watched, settings.EvaluationPlan());
        _test = _data.Test == _data.Watched ? _evaluator : new Evaluator(job, _network, _data.Test, settings.EvaluationPlan());
        _heatmaps = new HeatmapWriter(job, _network, _data.Test, settings, folder);
        _worst = new WorstWriter(job, _network, _data.Test, settings, folder);
        _clock = new TrainingClock(folder);
        _files = new RunFiles(job, folder, _settings, _data, _clock);
        _gain = new PoolingGain(_network, settings.PoolingGain, settings.Size);
    }

    private double Progress
    {
        get
        {
            double bySteps = (double)_trainer.StepCount / _settings.Steps;
            return _timeLimit is { } limit ? Math.Max(bySteps, _seconds / limit.TotalSeconds) : bySteps;
        }
    }

    /// <summary>Trains to the last step, the time limit or the user's Ctrl-C, whichever comes first.</summary>
    /// <remarks>Collective.</remarks>
    public TrainingOutcome Run(bool resume, CancellationToken cancellation)
    {
        RunFacts.Agree(_job, _settings, _device, _data.Pictures?.Set, _display.Say);
        if (resume)
        {
            _progress = _files.Resume(_network, _optimizer, _display.Say);
            _seconds = _job.Broadcast(_clock.Seconds);
        }
        else
        {
            _files.Begin(_device);
        }

        RunAnnouncement.Say(_display, _folder, _device, _data, _settings, _network, _sharding);
        if (Progress < 1 && WarmUp.Run(_device, _settings, _plan, _data, _tasks, _sharding) is { Kernels: > 0 } compiled)
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
            throw _files.Lost(e, _progress.Step);
        }

        return new TrainingOutcome(_progress.Step, _lastTest, _stopped && Progress < 1);
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
            using ITrainingFeed feed = _data.Feed(
                size, _trainer.StepCount, _settings.Batch, _device, _tasks, _sharding?.ImagesOf(_job.Rank, _settings.Batch));
            _gain.Unfold(size);
            while (Progress < 1 && _plan.SizeAt(Progress) == size)
            {
                Step(feed, cancellation);
                bool evaluate = _trainer.StepCount % _settings.Every == 0 || Progress >= 1;
                if (Count(wait: evaluate || _stopped))
                {
                    report(new StepReport(_progress.Step, _progress.Loss, _progress.Accuracy, _clock.ImagesPerSecond));
                }

                if (evaluate)
                {
                    Evaluate();
                    _gain.Unfold(size);
                }
                else if (_stopped)
                {
                    Save(isBest: false);
                }

                if (_stopped)
                {
                    return;
                }
            }
        }
    }

    /// <summary>A step; whether all end after it, and by whose clock, the ranks agree with its gradients.</summary>
    private void Step(ITrainingFeed feed, CancellationToken cancellation)
    {
        _clock.Start();
        _learningRate = _schedule.At(Progress);
        _trainer.Vote = new StepVote(cancellation.IsCancellationRequested, _clock.Seconds);
        feed.Begin(_trainer, _learningRate);
        _clock.Stop(_settings.Batch);
        (_stopped, _seconds) = _trainer.Agreed;
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
        _files.Log(entry, watched.ImagesPerSecond!.Value);
        _display.Say(entry.ToText(_settings.Steps, _clock));
        _lastTest = last && !watchesTest ? _test.Run(_settings.FinalEvalImages, worst) : watched;
        _files.Write(_progress.Step, _lastTest);
        _worst.Write(_progress.Step, worst);
        Save(_progress.Evaluated(watched.Accuracy));
    }

    private void Save(bool isBest)
    {
        _gain.Fold();
        CheckFinite();
        _files.Save(_network, _optimizer, _progress, isBest);
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
}
