using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Benchmarks;

/// <summary>What training steps cost a rank, all ranks being at work at the same time: of the slowest one.</summary>
/// <param name="job">The ranks.</param>
/// <param name="seconds">What each timing may take; steps that take longer are timed twice.</param>
internal sealed class StepBenchmarks(RankJob job, double seconds)
{
    private const float LearningRate = 1e-6f;       // the weights stay where they are
    private const double SlowStep = 1;

    /// <summary>
    /// Of the reference network, on cluttered samples of its usual size; on a host they are drawn by the same processors, as in training.
    /// </summary>
    public StepCost Reference(IDevice device)
    {
        const int Few = 32, Many = 128;
        ISampleSource source = job.Together(() => Corpus.Open(new CorpusOptions(), Console.Error.WriteLine).Train);
        using Execution execution = LeNetGap.Create(device, new NetworkConfig(source.Channels, source.Width, source.ClassNames), seed: 1);
        float[] images = new float[Many * execution.Graph.Input.Shape.Count];
        int[] labels = new int[Many];
        Draw(Many);
        using var optimizer = new AdamOptimizer(execution.Parameters);
        StepCost cost = Time(execution, optimizer, images, labels, Few, Many, device is HostDevice ? Draw : _ => { });
        return cost with { IsWhole = device is HostDevice { Vectorized: true } };

        void Draw(int count) => AllCores.For(count, n =>
        {
            int length = images.Length / Many;
            source.Fill(n, images.AsSpan(n * length, length), out labels[n], out _, []);
        });
    }

    /// <summary>Of another network, on noise.</summary>
    public StepCost Of(Execution execution)
    {
        const int Few = 2, Many = 8;
        var random = new Random(1);
        float[] images = new float[Many * execution.Graph.Input.Shape.Count];
        for (int i = 0; i < images.Length; i++)
        {
            images[i] = (4 * random.NextSingle()) - 2;
        }

        using var optimizer = new SgdOptimizer(execution.Parameters);
        return Time(execution, optimizer, images, new int[Many], Few, Many, _ => { });
    }

    private StepCost Time(
        Execution execution, Optimizer optimizer, float[] images, int[] labels, int few, int many, Action<int> prepare)
    {
        using var trainer = new Trainer(execution, optimizer);
        int threads = execution.Device is HostDevice host ? host.Threads.Count : 1;
        var cost = new StepCost(sizeof(float) * execution.Graph.ParameterCount, 0, 0, false, threads);
        _ = Seconds(many);      // until all is compiled, steps are slower
        return StepCost.Of((few, Seconds(few)), (many, Seconds(many)), cost);

        double Seconds(int count)
        {
            int length = images.Length / labels.Length * count;
            void Step()
            {
                prepare(count);
                trainer.Step(images.AsSpan(0, length), labels.AsSpan(0, count), LearningRate);
            }

            double median = job.Together(() => Timing.Median(Step, seconds, Timing.Once(Step) > SlowStep));
            return job.AllGather(median).Max();
        }
    }
}
