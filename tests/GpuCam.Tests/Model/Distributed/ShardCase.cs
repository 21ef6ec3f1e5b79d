using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Model.Graphs;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>A few training steps on shards: what is trained, how, and what came of it.</summary>
/// <param name="Network">One of those of <see cref="Create"/>.</param>
/// <param name="Optimizer">sgd, momentum or adam.</param>
/// <param name="Backend">Of the host.</param>
/// <param name="Batch">Images of a batch.</param>
/// <param name="Frozen">What is frozen; null for nothing.</param>
internal sealed record ShardCase(string Network, string Optimizer, Backend Backend, int Batch = 19, string? Frozen = null)
{
    public const int Steps = 3;

    /// <summary>The reference network as the vectorised host has an op for.</summary>
    private static readonly NetworkConfig s_fused = new(1, TinyProblem.Size, ["a", "b", "c"]) { Widths = [32, 32], ClassifierBias = true };

    public float Rate { get; init; } = 0.02f;

    public float Gain { get; init; } = 1;

    /// <summary>Small, so that there are several.</summary>
    public int BucketFloats { get; init; } = 200;

    public Execution Create(IDevice device)
    {
        Execution execution = Network switch
        {
            "fused" => LeNetGap.Create(device, s_fused, 3),
            "layers" => TinyProblem.Network(device),
            "kinds" => TrainedKinds.Create(device),
            _ => Dropping(device),
        };
        if (Frozen is not null)
        {
            execution.Freeze(Frozen);
        }

        execution.PoolingGain = Gain;
        return execution;
    }

    /// <summary>Trains on each rank, on a host of so many threads.</summary>
    public Outcome[] Train(int ranks, int threads, int shards, GradientReduction reduction = GradientReduction.Ordered) =>
        Train(ranks, shards, reduction, () => new HostDevice(Backend, threads));

    /// <summary>Trains on each rank, on a device of its own.</summary>
    public Outcome[] Train(int ranks, int shards, GradientReduction reduction, Func<IDevice> device) => ThreadRanks.Run(ranks, rank =>
    {
        using IDevice own = device();
        Outcome outcome = Train(own, new Sharding(rank, shards, reduction));
        return outcome with { Calls = rank.Calls };
    });

    /// <summary>Trains on whole batches, or on one rank's part of them.</summary>
    public Outcome Train(IDevice device, Sharding? sharding)
    {
        using Execution execution = Create(device);
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(execution);
        using Optimizer optimizer = Optimizer == "adam"
            ? new AdamOptimizer(groups)
            : new SgdOptimizer(groups, Optimizer == "momentum" ? 0.9f : 0, weightDecay: 1e-4f);
        using var trainer = new Trainer(execution, optimizer)
        {
            Seed = 5,
            Sharding = sharding,
            BucketFloats = BucketFloats,
            BatchImages = Batch,
        };
        var results = new List<StepResult>();
        var gradients = new List<float[]>();
        for (int step = 0; step < Steps; step++)
        {
            (float[] images, int[] labels) = TinyProblem.Batch(step * Batch, Batch);
            (int first, int count) = sharding?.ImagesOf(sharding.Ranks.Rank, Batch) ?? (0, Batch);
            const int Pixels = TinyProblem.Size * TinyProblem.Size;
            results.Add(trainer.Step(images.AsSpan(first * Pixels, count * Pixels), labels.AsSpan(first, count), Rate));
            gradients.Add([.. execution.Trained.SelectMany(parameter => parameter.Gradient.ToArray())]);
        }

        return new Outcome(TrainedKinds.Saved(execution), [.. results], [.. gradients], []);
    }

    /// <summary>Fails unless all bits are those.</summary>
    public static void Same(Outcome expected, Outcome actual, string what)
    {
        Assert.True(expected.Results.SequenceEqual(actual.Results), $"{what}: losses");
        Assert.True(Bits(expected.Saved).SequenceEqual(Bits(actual.Saved)), $"{what}: weights");
        for (int step = 0; step < Steps; step++)
        {
            Assert.True(Bits(expected.Gradients[step]).SequenceEqual(Bits(actual.Gradients[step])), $"{what}: gradients of step {step}");
        }
    }

    /// <summary>Fails unless all is that, up to rounding.</summary>
    public static void Close(Outcome expected, Outcome actual, double tolerance)
    {
        for (int step = 0; step < Steps; step++)
        {
            OpHarness.Close(
                Array.ConvertAll(expected.Gradients[step], v => (double)v), actual.Gradients[step], tolerance, $"gradient of step {step}");
            Assert.Equal(expected.Results[step].Loss, actual.Results[step].Loss, tolerance);
            Assert.Equal(expected.Results[step].Correct, actual.Results[step].Correct);
            Assert.Equal(expected.Results[step].Count, actual.Results[step].Count);
        }

        OpHarness.Close(Array.ConvertAll(expected.Saved, v => (double)v), actual.Saved, tolerance, "saved");
    }

    /// <summary>AlexNet in small: linear layers with dropout before them, and most parameters at the end.</summary>
    private static Execution Dropping(IDevice device)
    {
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, TinyProblem.Size, TinyProblem.Size, 1));
        x = graph.Relu("relu", graph.Add("conv", new Conv2DNode(
            x, new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Pads = (1, 1, 1, 1) },
            new GraphParameter("conv.weight", ParameterKind.ConvolutionWeight, new Shape(3, 3, 1, 6), null), null)));
        x = graph.Add("dropout1", new DropoutNode(x, 0.4f));
        x = graph.GlobalPool("gap", x, GlobalPooling.Average);
        x = graph.Relu("hidden.relu", graph.Linear("hidden", x, 21, bias: true));
        x = graph.Add("dropout2", new DropoutNode(x, 0.5f));
        x = graph.Linear("classifier", x, TinyProblem.Classes, bias: true);
        var execution = new Execution(device, new Network(graph.Build(x), TinyProblem.Config.ClassNames));
        HeInitialization.Fill(execution.Saved, 7);
        return execution;
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    /// <summary>What came of it.</summary>
    /// <param name="Saved">All that a file would hold.</param>
    /// <param name="Results">Of each step.</param>
    /// <param name="Gradients">Of each step.</param>
    /// <param name="Calls">What the rank said to the others.</param>
    internal sealed record Outcome(float[] Saved, StepResult[] Results, float[][] Gradients, IReadOnlyList<string> Calls);
}
