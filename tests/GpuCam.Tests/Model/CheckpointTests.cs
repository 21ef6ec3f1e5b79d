using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class CheckpointTests
{
    public static TheoryData<string, string> DevicesAndOptimizers => TestDevices.With(["adam", "momentum", "sgd"]);

    [Theory]
    [MemberData(nameof(DevicesAndOptimizers))]
    public void A_resumed_run_is_the_uninterrupted_run_bit_for_bit(string device, string kind)
    {
        using var op = new OpHarness(device);
        using Execution whole = TinyProblem.Network(op.Device);
        using Optimizer wholeOptimizer = Create(kind, whole);
        Train(whole, wholeOptimizer, from: 0, to: 3);
        (byte[] model, byte[] state) = Save(whole, wholeOptimizer);
        Train(whole, wholeOptimizer, from: 3, to: 7);

        using Execution resumed = TinyProblem.Network(op.Device, seed: 99);
        using Optimizer resumedOptimizer = Create(kind, resumed);
        TrainingProgress progress = Load(model, state, resumed, resumedOptimizer);
        Assert.Equal((3, 15L, 2, 0.1), (progress.Step, progress.Images, progress.BestStep, progress.BestAccuracy!.Value));
        Assert.Equal("v", Assert.Single(progress.Extra, entry => entry.Key == "k").Value);
        Train(resumed, resumedOptimizer, from: progress.Step, to: 7);

        (byte[] expectedModel, byte[] expectedState) = Save(whole, wholeOptimizer);
        (byte[] actualModel, byte[] actualState) = Save(resumed, resumedOptimizer);
        Assert.Equal(expectedModel, actualModel);
        Assert.Equal(expectedState, actualState);
        Assert.Equal(7, resumedOptimizer.StepCount);
    }

    [Fact]
    public void The_state_lies_in_tensors_named_after_the_parameters()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var optimizer = new AdamOptimizer(network.Parameters);
        SafetensorsFile file = SafetensorsReader.Read(new MemoryStream(Save(network, optimizer).State), "s");
        Assert.Equal(12, file.Tensors.Count);
        Assert.Equal("[4, 1, 3, 3]", file.Find("adam.m.conv1.weight")!.ShapeText);
        Assert.Equal("[3, 6]", file.Find("adam.v.classifier.weight")!.ShapeText);
    }

    [Fact]
    public void Files_of_two_steps_are_no_pair()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer optimizer = Create("adam", network);
        byte[] model = Save(network, optimizer).Model;
        Train(network, optimizer, from: 0, to: 2);
        byte[] state = Save(network, optimizer).State;
        Assert.Equal("model is of step 0, state of step 2: resume from a pair of one step", Refused(model, state, network, optimizer));
    }

    [Fact]
    public void Another_optimizer_is_refused_and_nothing_is_changed()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer adam = Create("adam", network);
        using Optimizer sgd = Create("sgd", network);
        using Optimizer momentum = Create("momentum", network);
        Train(network, adam, from: 0, to: 1);
        (byte[] model, byte[] state) = Save(network, adam);
        Train(network, adam, from: 1, to: 2);
        float[] weights = TinyProblem.Weights(network);
        Assert.Equal(
            "state: the run was trained with optimizer 'adam', not 'sgd': resume it with the same", Refused(model, state, network, sgd));

        (byte[] plainModel, byte[] plainState) = Save(network, sgd);
        Assert.Equal(
            "state: tensor 'sgd.velocity.conv1.weight' is missing: resume with the optimizer settings of the run",
            Refused(plainModel, plainState, network, momentum));
        (byte[] momentumModel, byte[] momentumState) = Save(network, momentum);
        Assert.Equal("state: 6 tensors, expected 0: resume with the optimizer settings of the run",
            Refused(momentumModel, momentumState, network, sgd));
        Assert.Equal(weights, TinyProblem.Weights(network));
    }

    [Fact]
    public void Another_network_is_refused()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer optimizer = Create("adam", network);
        (byte[] model, byte[] state) = Save(network, optimizer);
        using Execution wider = LeNetGap.Create(op.Device, TinyProblem.Config with { Widths = [4, 7] }, 1);
        using Optimizer widerOptimizer = Create("adam", wider);
        Assert.StartsWith("model: tensor 'conv2.weight' is [6, 4, 3, 3], expected [7, 4, 3, 3]",
            Refused(model, state, wider, widerOptimizer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_file_alone_is_no_checkpoint()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer optimizer = Create("adam", network);
        using var model = new MemoryStream();
        ModelFile.Save(model, network);
        Assert.Equal(
            "state: no valid gpucam.step in its metadata: resume from a checkpoint that this program wrote",
            Refused(model.ToArray(), model.ToArray(), network, optimizer));
    }

    [Fact]
    public void Progress_of_another_step_than_the_optimizers_is_not_saved()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer optimizer = Create("adam", network);
        using var model = new MemoryStream();
        using var state = new MemoryStream();
        Assert.Throws<ArgumentException>(
            () => Checkpoint.Save(model, state, network, optimizer, new TrainingProgress { Step = optimizer.StepCount + 1 }));
        Assert.Equal((0L, 0L), (model.Length, state.Length));
    }

    [Theory]
    [InlineData("gpucam.step", "-1", "no valid gpucam.step in its metadata")]
    [InlineData("gpucam.step", "2147483648", "no valid gpucam.step in its metadata")]
    [InlineData("gpucam.step", "two", "no valid gpucam.step in its metadata")]
    [InlineData("gpucam.images", null, "no valid gpucam.images in its metadata")]
    [InlineData("gpucam.best_step", null, "no valid gpucam.best_step in its metadata")]
    [InlineData("gpucam.best_accuracy", "high", "gpucam.best_accuracy is 'high', expected a number")]
    public void Progress_that_makes_no_sense_is_refused(string key, string? value, string message)
    {
        Dictionary<string, string> metadata = State();
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }

        Assert.StartsWith($"s: {message}", Assert.Throws<GpuCamException>(() => Checkpoint.ReadProgress(new("s", metadata, []))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_holds_more_images_than_an_int_and_need_not_have_been_evaluated()
    {
        Dictionary<string, string> metadata = State();
        TrainingProgress progress = Checkpoint.ReadProgress(new("s", metadata, []));
        Assert.Equal((2147483647, 9_000_000_000L, 3, 0.1 + 0.2),
            (progress.Step, progress.Images, progress.BestStep, progress.BestAccuracy));
        Assert.Equal(new KeyValuePair<string, string>("loss", "1.5"), Assert.Single(progress.Extra));
        metadata.Remove("gpucam.best_accuracy");
        Assert.Null(Checkpoint.ReadProgress(new("s", metadata, [])).BestAccuracy);
    }

    [Fact]
    public void A_state_that_cannot_be_read_leaves_the_network_as_it_was()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Optimizer optimizer = Create("adam", network);
        Train(network, optimizer, from: 0, to: 1);
        (byte[] model, byte[] state) = Save(network, optimizer);
        "I32"u8.CopyTo(state.AsSpan(state.AsSpan().LastIndexOf("F32"u8)));
        Train(network, optimizer, from: 1, to: 2);
        float[] weights = TinyProblem.Weights(network);
        Assert.Equal("state: tensor 'adam.v.conv2.weight' has dtype I32: save it as one of F32, F64, F16, BF16",
            Refused(model, state, network, optimizer));
        Assert.Equal(2, optimizer.StepCount);
        Assert.Equal(weights, TinyProblem.Weights(network));
    }

    [Fact]
    public void A_state_of_other_shapes_is_refused()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using Execution wider = LeNetGap.Create(op.Device, TinyProblem.Config with { Widths = [4, 7] }, 1);
        using Optimizer optimizer = Create("adam", network);
        using Optimizer other = Create("adam", wider);
        Assert.StartsWith("state: tensor 'adam.m.conv2.weight' is [7, 4, 3, 3], expected [6, 4, 3, 3]",
            Refused(Save(network, optimizer).Model, Save(wider, other).State, network, optimizer), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> State() => new()
    {
        ["gpucam.step"] = "2147483647", ["gpucam.images"] = "9000000000", ["gpucam.best_step"] = "3",
        ["gpucam.best_accuracy"] = "0.30000000000000004", ["gpucam.run.loss"] = "1.5", ["other"] = "x",
    };

    private static Optimizer Create(string kind, Execution network) => kind switch
    {
        "adam" => new AdamOptimizer(network.Parameters, weightDecay: 1e-3),
        "momentum" => new SgdOptimizer(network.Parameters, momentum: 0.9f),
        _ => new SgdOptimizer(network.Parameters),
    };

    private static void Train(Execution network, Optimizer optimizer, int from, int to)
    {
        using var trainer = new Trainer(network, optimizer);
        for (int step = from; step < to; step++)
        {
            (float[] images, int[] labels) = TinyProblem.Batch(step * 5, 5);
            trainer.Step(images, labels, new CosineSchedule(0.05f).At(step / 7.0));
        }
    }

    private static (byte[] Model, byte[] State) Save(Execution network, Optimizer optimizer)
    {
        using var model = new MemoryStream();
        using var state = new MemoryStream();
        Checkpoint.Save(model, state, network, optimizer, new TrainingProgress
        {
            Step = optimizer.StepCount,
            Images = 5 * optimizer.StepCount,
            BestAccuracy = 0.1,
            BestStep = 2,
            Extra = new Dictionary<string, string> { ["k"] = "v" },
        });
        return (model.ToArray(), state.ToArray());
    }

    private static TrainingProgress Load(byte[] model, byte[] state, Execution network, Optimizer optimizer) =>
        Checkpoint.Load(new MemoryStream(model), "model", new MemoryStream(state), "state", network, optimizer);

    private static string Refused(byte[] model, byte[] state, Execution network, Optimizer optimizer) =>
        Assert.Throws<GpuCamException>(() => Load(model, state, network, optimizer)).Message;
}
