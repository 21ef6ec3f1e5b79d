using GpuCam.Model;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Training;

/// <summary>Makes the parts of a training run that its settings describe.</summary>
internal static class TrainSetup
{
    public static readonly string[] Optimizers = ["sgd", "momentum", "adam"];

    public static NetworkConfig NetworkConfig(this TrainSettings settings, int size, IReadOnlyList<string> classNames) =>
        new(settings.Channels, size, classNames)
        {
            Widths = settings.Widths,
            ClassifierBias = settings.ClassifierBias,
            Pooling = OptionNames.Pooling.Parse(settings.Pooling),
            Pools = settings.Pools,
        };

    public static Optimizer CreateOptimizer(this TrainSettings settings, IReadOnlyList<Parameter> parameters) => settings.Optimizer switch
    {
        "sgd" => new SgdOptimizer(parameters, weightDecay: settings.WeightDecay),
        "momentum" => new SgdOptimizer(parameters, momentum: 0.9f, weightDecay: settings.WeightDecay),
        "adam" => new AdamOptimizer(parameters, weightDecay: settings.WeightDecay),
        _ => throw new GpuCamException($"--optimizer {settings.Optimizer} is not known; choose one of {string.Join(", ", Optimizers)}"),
    };

    public static EvaluationPlan EvaluationPlan(this TrainSettings settings) =>
        new() { Resize = OptionNames.Resize.Parse(settings.Resize), Pixels = settings.TrackLocalisation };

    public static LearningRateSchedule CreateSchedule(this TrainSettings settings) =>
        LearningRateSchedule.Create(settings.Schedule, settings.LearningRate);
}
