using System.Diagnostics;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Benchmarks;

/// <summary>How long a case took.</summary>
/// <param name="Name">The case.</param>
/// <param name="Median">Seconds of a run, the median.</param>
/// <param name="Best">Those of the fastest.</param>
/// <param name="Forward">Those of a forward pass of another copy of the network, by turns with a map's; null for other cases.</param>
internal readonly record struct CaseTime(string Name, double Median, double Best, double? Forward);

/// <summary>
/// Times a network of a file on random images. Each case has the network to itself, just loaded: what one asks for (values kept, steps
/// that cannot be fused because a gradient comes through) does not slow down the next.
/// </summary>
/// <param name="load">Makes the network; it is disposed after each case.</param>
/// <param name="batch">Images that run at once.</param>
/// <param name="seconds">For each case.</param>
internal sealed class ModelBenchmarks(Func<Execution> load, int batch, double seconds)
{
    private const double SlowRun = 1;

    /// <summary>Seconds of a run of each case.</summary>
    public IReadOnlyList<CaseTime> Time(ModelCases cases)
    {
        var times = new List<CaseTime>();
        foreach (string name in cases.Timed)
        {
            if (With(timed => Time(timed, name, cases.Named.Contains(name))) is { } time)
            {
                times.Add(time);
            }
        }

        return times;
    }

    /// <summary>Median time of each step of a forward pass, or of the way back to the image.</summary>
    public IReadOnlyList<StepTime> Steps(bool gradient, Roofline roofline) => With(timed =>
    {
        var steps = new StepTimes(timed.Execution.Clock, gradient ? StepPart.InputGradient : StepPart.Forward);
        Action run = gradient ? timed.Gradient : timed.Forward;
        bool slow = IsSlow(run);
        run();
        long start = Stopwatch.GetTimestamp();
        while (steps.Passes < (slow ? 2 : 5) || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            steps.Record(run);
        }

        return steps.Medians(batch, roofline);
    });

    private T With<T>(Func<TimedNetwork, T> measure)
    {
        using var timed = new TimedNetwork(load(), batch);
        return measure(timed);
    }

    /// <summary>Null for a map that the network has not got, unless it was asked for by name.</summary>
    private CaseTime? Time(TimedNetwork timed, string name, bool named)
    {
        switch (name)
        {
            case ModelCases.Forward:
                return Alone(name, timed.Forward);
            case ModelCases.Gradient:
                return Alone(name, timed.Gradient);
            case ModelCases.Training:
                return Alone(name, timed.TrainingStep);
            default:
                ICamMethod method = CamMethods.Create(name);
                return named || timed.Obstacle(method) is null ? BesideForward(name, timed.MapBy(method)) : null;
        }
    }

    private CaseTime Alone(string name, Action run)
    {
        (double median, double best) = Timing.Measure(run, seconds, IsSlow(run));
        return new CaseTime(name, median, best, null);
    }

    private CaseTime BesideForward(string name, Action map) => With(plain =>
    {
        bool slow = IsSlow(map);
        plain.Forward();
        ((double median, double best), (double forward, _)) = Timing.MeasureInTurn(map, plain.Forward, seconds, slow);
        return new CaseTime(name, median, best, forward);
    });

    /// <summary>Whether few runs must do; the one that shows it compiles and packs.</summary>
    private static bool IsSlow(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds > SlowRun;
    }

    /// <summary>A network, random images for it, and what can be done with them.</summary>
    private sealed class TimedNetwork : IDisposable
    {
        private const float LearningRate = 1e-6f;       // the weights stay where they are, however long it trains
        private readonly int _batch;
        private readonly Classifier _classifier;
        private readonly Tensor _directions;
        private readonly float[] _images;
        private readonly int[] _classes;
        private CamEngine? _engine;
        private Optimizer? _optimizer;
        private Trainer? _trainer;

        public TimedNetwork(Execution execution, int batch)
        {
            (Execution, _batch) = (execution, batch);
            _classifier = new Classifier(execution);
            _directions = new Tensor(execution.Device, "gradient of the logits", Shape.Matrix(batch, execution.Network.LogitCount));
            _classes = new int[batch];
            long count = (long)batch * execution.Graph.Input.Shape.Count;
            if (count > Array.MaxLength)
            {
                throw new GpuCamException($"--batch {batch}: so many images of {execution.Graph.Input.Shape} are more than an array can "
                    + "hold; give fewer");
            }

            var random = new Random(1);
            _images = new float[count];
            for (int i = 0; i < _images.Length; i++)
            {
                _images[i] = (4 * random.NextSingle()) - 2;
            }
        }

        public Execution Execution { get; }

        public void Forward() => _classifier.Logits(_images, _batch);

        /// <summary>Forward, and the gradient of each image's likeliest class with respect to the image.</summary>
        public void Gradient()
        {
            Classify();
            int logits = Execution.Network.LogitCount;
            float[] directions = new float[_batch * logits], anyLogits = new float[logits];     // a logit's slope is the same everywhere
            for (int n = 0; n < _batch; n++)
            {
                new ClassScore(CamTarget.Logit).Direction(anyLogits, _classes[n], directions.AsSpan(n * logits, logits));
            }

            _directions.CopyFrom(directions);
            Execution.BackwardTo(Execution.Graph.Input.Name, _directions);
            Execution.Device.Synchronize();
        }

        /// <summary>Forward, the gradients of all parameters, and the update of SGD.</summary>
        public void TrainingStep()
        {
            _optimizer ??= new SgdOptimizer(Execution.Parameters);
            _trainer ??= new Trainer(Execution, _optimizer);
            _trainer.Step(_images, _classes, LearningRate);
        }

        /// <summary>Why a method cannot map the default value; null if it can.</summary>
        public string? Obstacle(ICamMethod method) =>
            Execution.Network.DefaultValue is null ? "nothing can be mapped" : Engine.Obstacle(method, [Engine.DefaultLayer]);

        /// <summary>Forward, and each image's likeliest class mapped at the default value, enlarged to the image, on the host.</summary>
        public Action MapBy(ICamMethod method)
        {
            Engine.Check(method, [Engine.DefaultLayer]);
            float[] map = new float[_images.Length / Execution.Graph.Input.Shape.C];
            return () =>
            {
                Classify();
                Engine.MapToImage(method, Engine.DefaultLayer, _classes).CopyTo(map);
            };
        }

        public void Dispose()
        {
            _trainer?.Dispose();
            _optimizer?.Dispose();
            _engine?.Dispose();
            _directions.Dispose();
            _classifier.Dispose();
            Execution.Dispose();
        }

        private CamEngine Engine => _engine ??= new CamEngine(Execution);

        private void Classify()
        {
            ReadOnlySpan<float> logits = _classifier.Logits(_images, _batch);
            int each = logits.Length / _batch;
            for (int n = 0; n < _batch; n++)
            {
                _classes[n] = Ranking.IndexOfMax(logits.Slice(n * each, each));
            }
        }
    }
}
