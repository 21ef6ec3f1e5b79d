using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Training;

/// <summary>Makes the parts of a training run that its settings describe.</summary>
internal static class TrainSetup
{
    public static readonly string[] Optimizers = ["sgd", "momentum", "adam"];

    public static NetworkConfig NetworkConfig(this TrainSettings settings, int size, IReadOnlyList<string> classNames) =>
        new(settings.Channels, size, classNames)
        {
            Architecture = settings.Architecture,
            Widths = settings.Widths,
            ClassifierBias = settings.ClassifierBias,
            Pooling = OptionNames.Pooling.Parse(settings.Pooling),
            Pools = settings.Pools,
        };

    /// <summary>What of the folder <see cref="TrainSettings.Data"/> is taken.</summary>
    public static PictureSetOptions PictureSetOptions(this TrainSettings settings) => new(settings.Data!)
    {
        Labels = settings.Labels,
        Boxes = settings.Boxes,
        Orientation = OptionNames.Orientation.Parse(settings.Orientation),
        Seed = settings.Seed,
        TrainPerClass = settings.TrainPerClass,
        TestPerClass = settings.TestPerClass,
        SkipBroken = settings.SkipBroken,
        SkipClasses = settings.SkipClasses ?? [],
    };

    /// <summary>The settings with what the pictures tell: the size of inputs, and how many steps a pass over them takes.</summary>
    public static TrainSettings For(this TrainSettings settings, TrainingPictures pictures)
    {
        var plan = BatchPlan.Training(pictures.Count, settings.Batch, settings.Seed);
        return settings with
        {
            Size = pictures.Config.Size,
            Canvas = FormattableString.Invariant($"{pictures.Config.Size}:1"),
            Steps = settings.Epochs > 0 ? (int)Math.Min(int.MaxValue, plan.StepsOf(settings.Epochs)) : settings.Steps,
            Every = settings.Every > 0 ? settings.Every : (int)plan.StepsOf(1),
        };
    }

    /// <summary>The network with its first weights; the caller disposes it.</summary>
    /// <param name="settings">Say what stays as it is.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="config">Which network.</param>
    /// <param name="weights">What it begins with; null for random weights.</param>
    /// <param name="say">Hears which weights were taken.</param>
    public static Execution CreateNetwork(
        this TrainSettings settings, IDevice device, NetworkConfig config, InitialWeights? weights, Action<string> say)
    {
        Execution network = Architectures.Create(device, config, settings.Seed);
        try
        {
            weights?.CopyTo(network, say);
            if (settings.Freeze is { } value)
            {
                network.Freeze(value);
            }

            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public static Optimizer CreateOptimizer(this TrainSettings settings, Execution network)
    {
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(network, settings.HeadRate);
        return settings.Optimizer switch
        {
            "sgd" => new SgdOptimizer(groups, weightDecay: settings.WeightDecay),
            "momentum" => new SgdOptimizer(groups, momentum: 0.9f, weightDecay: settings.WeightDecay),
            "adam" => new AdamOptimizer(groups, weightDecay: settings.WeightDecay),
            _ => throw new GpuCamException($"--optimizer {settings.Optimizer} is not known; choose one of {string.Join(", ", Optimizers)}"),
        };
    }

    public static EvaluationPlan EvaluationPlan(this TrainSettings settings) =>
        new() { Resize = OptionNames.Resize.Parse(settings.Resize), Pixels = settings.TrackLocalisation };

    public static LearningRateSchedule CreateSchedule(this TrainSettings settings) =>
        LearningRateSchedule.Create(settings.Schedule, settings.LearningRate);
}
