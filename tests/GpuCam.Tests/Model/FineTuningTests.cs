using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Model.Graphs;

namespace GpuCam.Tests.Model;

/// <summary>Networks that are trained in part, or with a rate of its own for a part, and networks with normalisations.</summary>
public class FineTuningTests
{
    [Theory]
    [MemberData(nameof(TestDevices.ForTraining), MemberType = typeof(TestDevices))]
    public void Pictures_are_learned_by_heart_through_normalisations_of_batches(string device)
    {
        using var op = new OpHarness(device);
        using Execution network = TrainedKinds.Create(op.Device, rate: 0.1f);
        using var optimizer = new AdamOptimizer(ParameterGroup.Of(network));
        using var trainer = new Trainer(network, optimizer) { Seed = 1 };
        (float[] images, int[] labels) = TinyProblem.Batch(0, 12);
        StepResult first = trainer.Step(images, labels, 0.01f);
        for (int i = 0; i < 60; i++)
        {
            trainer.Step(images, labels, 0.01f);
        }

        StepResult last = trainer.Step(images, labels, 0.01f);
        Assert.True(last.Loss < 0.3 * first.Loss, $"loss {first.Loss} → {last.Loss}");
        using var classifier = new Classifier(network);
        float[] logits = classifier.Logits(images, 12).ToArray();
        int right = labels.Where((label, n) => logits[(n * 3) + label] == logits[(n * 3)..((n + 1) * 3)].Max()).Count();
        Assert.InRange(right, 11, 12);      // by the running statistics, too
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_same_seed_gives_the_same_bits_read_late_or_not(string device)
    {
        float[] expected = Train(0);
        Assert.Equal(expected, Train(0));
        Assert.Equal(expected, Train(5));
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));

        float[] Train(int lateSteps)
        {
            using var op = new OpHarness(device);
            using Execution network = TrainedKinds.Create(op.Device);
            using var optimizer = new AdamOptimizer(ParameterGroup.Of(network));
            using var trainer = new Trainer(network, optimizer, lateSteps) { Seed = 5 };
            for (int i = 0; i < 3; i++)
            {
                (float[] images, int[] labels) = TinyProblem.Batch(4 * i, 4);
                trainer.Begin(images, labels, 0.02f);
            }

            trainer.Results(wait: true);
            return TrainedKinds.Saved(network);
        }
    }

    [Fact]
    public void A_run_that_goes_on_is_the_run_that_did_not_stop()
    {
        using var op = new OpHarness("simd-256");
        using Execution whole = TrainedKinds.Create(op.Device), half = TrainedKinds.Create(op.Device);
        using Execution rest = TrainedKinds.Create(op.Device);
        using var first = new SgdOptimizer(ParameterGroup.Of(whole, 4), 0.9f, 1e-3f);
        using var second = new SgdOptimizer(ParameterGroup.Of(half, 4), 0.9f, 1e-3f);
        using var third = new SgdOptimizer(ParameterGroup.Of(rest, 4), 0.9f, 1e-3f);
        Run(whole, first, 0, 4);
        Run(half, second, 0, 2);
        foreach ((Parameter from, Parameter to) in half.Saved.Zip(rest.Saved))
        {
            to.Value.CopyFrom(from.Value.ToArray());
        }

        foreach ((OptimizerState from, OptimizerState to) in second.State.Zip(third.State))
        {
            Assert.Equal(from.Value.Name, to.Value.Name);
            to.Value.CopyFrom(from.Value.ToArray());
        }

        third.StepCount = 2;
        Run(rest, third, 2, 4);
        Assert.Equal(TrainedKinds.Saved(whole), TrainedKinds.Saved(rest));

        static void Run(Execution network, Optimizer optimizer, int from, int to)
        {
            using var trainer = new Trainer(network, optimizer) { Seed = 9 };
            for (int i = from; i < to; i++)
            {
                (float[] images, int[] labels) = TinyProblem.Batch(5 * i, 5);
                trainer.Step(images, labels, 0.05f);
            }
        }
    }

    [Fact]
    public void A_step_without_a_loss_leaves_weights_and_statistics()
    {
        using var op = new OpHarness("plain");
        using Execution network = TrainedKinds.Create(op.Device);
        using var optimizer = new AdamOptimizer(ParameterGroup.Of(network));
        using var trainer = new Trainer(network, optimizer);
        (float[] images, int[] labels) = TinyProblem.Batch(0, 4);
        trainer.Step(images, labels, 0.01f);
        float[] before = TrainedKinds.Saved(network);
        images[7] = float.NaN;
        Assert.Throws<NonFiniteLossException>(() => trainer.Step(images, labels, 0.01f));
        Assert.Equal(before, TrainedKinds.Saved(network));
        Assert.False(network.Training);
    }

    [Theory]
    [InlineData("features", "classifier")]
    [InlineData("gap", "classifier")]
    [InlineData("block", "near, far, far.bn, after, dense.bn, classifier")]
    public void What_is_frozen_stays_its_statistics_too_and_no_gradient_goes_there(string name, string trained)
    {
        foreach (string device in (string[])["plain", "simd-256"])
        {
            using var op = new OpHarness(device);
            using Execution network = TrainedKinds.Create(op.Device);
            TrainingModeTests.Step(network);
            Dictionary<string, float[]> before = Values(network);
            network.Freeze(name);
            string[] layers = trained.Split(", ");
            Assert.Equal(layers, network.Trained.Select(LayerOf).Distinct());
            var heard = new List<(string Node, StepPart Part)>();
            network.Clock.Listener = (node, part, _) => heard.AddRange(((node as FusedNode)?.Inside ?? [node]).Select(n => (n.Name, part)));
            TrainingModeTests.Step(network, 3);
            foreach ((string parameter, float[] values) in Values(network))
            {
                bool changes = layers.Contains(parameter[..parameter.LastIndexOf('.')]);
                Assert.Equal(changes, !values.SequenceEqual(before[parameter]));
            }

            Assert.Contains(("stem", StepPart.Forward), heard);
            bool[] frozen = network.Graph.LeadTo(network.Graph.Value(name == "features" ? "gap" : name));
            Assert.All(heard.Where(step => step.Part != StepPart.Forward), step =>
                Assert.False(frozen[network.Graph.Value(step.Node).Index], step.Node));
        }
    }

    [Fact]
    public void Freezing_everything_is_refused()
    {
        using var op = new OpHarness("plain");
        using Execution network = TrainedKinds.Create(op.Device);
        Assert.Equal(
            "nothing would be left to train with all up to 'classifier' frozen: name an earlier layer, or 'features'",
            Assert.Throws<GpuCamException>(() => network.Freeze("classifier")).Message);
        Assert.Throws<GpuCamException>(() => network.Freeze("no such layer"));
    }

    [Fact]
    public void The_head_has_its_own_rate_and_vectors_behind_normalisations_do_not_decay()
    {
        using var op = new OpHarness("plain");
        using Execution network = TrainedKinds.Create(op.Device), lenet = TinyProblem.Network(op.Device);
        ParameterGroup one = Assert.Single(ParameterGroup.Of(lenet));
        Assert.Equal(lenet.Parameters, one.Parameters);
        Assert.Equal((1, true), (one.RateFactor, one.Decays));
        Assert.Equal([1f, 10f], ParameterGroup.Of(lenet, 10).Select(group => group.RateFactor));

        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(network, 10);
        Assert.Equal(network.Parameters.Select(p => p.Name).Order(), groups.SelectMany(g => g.Parameters).Select(p => p.Name).Order());
        using var optimizer = new SgdOptimizer(groups, weightDecay: 0.5f);
        float[] expected = [.. groups.SelectMany(group => group.Parameters.SelectMany(parameter =>
        {
            bool head = LayerOf(parameter) == "classifier", decays = parameter.Name.EndsWith(".weight", StringComparison.Ordinal);
            float[] values = parameter.Value.ToArray();
            parameter.Gradient.CopyFrom([.. Enumerable.Repeat(2f, values.Length)]);
            return values.Select(v => v - ((head ? 0.1f : 0.01f) * (2 + (decays ? 0.5f * v : 0))));
        }))];
        optimizer.Step(0.01f);
        float[] got = [.. groups.SelectMany(group => group.Parameters.SelectMany(parameter => parameter.Value.ToArray()))];
        OpHarness.Close(Array.ConvertAll(expected, v => (double)v), got, 1e-6);
    }

    private static string LayerOf(Parameter parameter) => parameter.Name[..parameter.Name.LastIndexOf('.')];

    private static Dictionary<string, float[]> Values(Execution network) =>
        network.Saved.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.ToArray());
}
