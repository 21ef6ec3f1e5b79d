using System.Diagnostics;
using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.Model.SelfTests;

/// <summary>
/// Trains the reference network on a small canvas, from the same weights on the same images, on a device and on the plain host
/// kernels, and compares losses, weights and class activation maps. Rounding differs and grows from step to step, so the
/// tolerances are wider than those of single ops; a wrong kernel misses them by far.
/// </summary>
/// <remarks>
/// Factors that a device rounds (<see cref="Precision"/>) have another cell win a pool here and there, and after 20 steps what that
/// changes is more than what was rounded. Eight ways of rounding on the host, to the nearest and at random, left losses, weights and maps
/// up to 3e-3, 1.6e-2 and 3.5e-2 apart with the bits of tf32, and 8e-3, 2.3e-2 and 5.5e-2 with those of bf16; about three times that is
/// allowed. A kernel that left out its last tenth moved the losses by 3.8e-2 or more.
/// </remarks>
public static class TrainingSelfTest
{
    /// <summary>Steps that are trained.</summary>
    public const int Steps = 20;

    private const int Size = 12;
    private const int Batch = 4;
    private const int Classes = 10;

    /// <summary>The comparisons, after training has ended on both; one failed result if it does not end on the device.</summary>
    public static IReadOnlyList<SelfTestResult> Run(Func<IDevice> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        string shape = $"{Batch}x{Size}x{Size}x1, {Steps} steps";
        var failed = new SelfTestResult("training", "default", shape, double.NaN, 0, double.NaN, double.NaN, null);
        try
        {
            using var host = new HostDevice(Backend.Cpu);
            using IDevice device = open();
            Outcome expected = Train(host);
            Outcome actual = Train(device);
            (double losses, double weights, double maps) = Tolerances(device.Precision);
            return
            [
                Compare("training losses", losses, expected.Losses, actual.Losses),
                Compare("trained weights", weights, expected.Weights, actual.Weights),
                Compare("maps of the trained network", maps, expected.Maps, actual.Maps),
            ];

            SelfTestResult Compare(string name, double tolerance, float[] host, float[] device) =>
                failed with
                {
                    Name = name,
                    Tolerance = tolerance,
                    Error = SelfTestResult.ErrorOf(host, device),
                    FirstMilliseconds = actual.FirstStep,
                    Milliseconds = actual.Step
                };
        }
#pragma warning disable CA1031 // Whatever a device or its driver throws is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [failed with { Failure = e.Message.ReplaceLineEndings(" ") }];
        }
    }

    private static (double Losses, double Weights, double Maps) Tolerances(Precision precision) => precision switch
    {
        Precision.TF32 => (1e-2, 5e-2, 1e-1),
        Precision.BFloat16 => (3e-2, 7e-2, 2e-1),
        _ => (1e-4, 1e-3, 1e-3),
    };

    private static Outcome Train(IDevice device)
    {
        var config = new NetworkConfig(1, Size, [.. Enumerable.Range(0, Classes).Select(c => $"{c}")]);
        using Execution network = LeNetGap.Create(device, config, seed: 1);
        using var optimizer = new SgdOptimizer(network.Parameters, momentum: 0.9f, weightDecay: 1e-4f);
        using var trainer = new Trainer(network, optimizer);
        float[] losses = new float[Steps];
        double[] times = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            (float[] images, int[] labels) = Samples(step);
            long start = Stopwatch.GetTimestamp();
            losses[step] = (float)trainer.Step(images, labels, 0.05f).Loss;
            times[step] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        float[] weights = [.. network.Parameters.SelectMany(parameter => parameter.Value.ToArray())];
        using var classifier = new Classifier(network);
        using var engine = new CamEngine(network);
        (float[] shown, int[] classes) = Samples(Steps);
        classifier.Logits(shown, Batch);
        float[] maps = engine.MapToImage(new ClassActivationMapping(), engine.DefaultLayer, classes).ToArray();
        return new Outcome(losses, weights, maps, times[0], times.Order().ElementAt(Steps / 2));
    }

    /// <summary>Noise with a bright bar whose place tells the class.</summary>
    private static (float[] Images, int[] Labels) Samples(int step)
    {
        var random = new Random(step);
        float[] images = new float[Batch * Size * Size];
        int[] labels = new int[Batch];
        for (int n = 0; n < Batch; n++)
        {
            labels[n] = random.Next(Classes);
            for (int i = 0; i < Size * Size; i++)
            {
                images[(n * Size * Size) + i] = (0.3f * random.NextSingle()) + (i / Size == labels[n] ? 0.7f : 0);
            }
        }

        return (images, labels);
    }

    private sealed record Outcome(float[] Losses, float[] Weights, float[] Maps, double FirstStep, double Step);
}
