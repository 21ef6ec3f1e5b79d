using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>The lines that a training run begins with.</summary>
internal static class RunAnnouncement
{
    /// <summary>Says where the run is, what it runs on, what it learns from, which network, and for how long.</summary>
    public static void Say(
        ITrainingDisplay display, RunFolder folder, IDevice device, TrainingData data, TrainSettings settings, Execution network,
        Sharding? sharding)
    {
        display.Say($"run      {folder.Root}");
        display.Say($"device   {device.Description} ({DeviceCatalog.Engine}), {settings.Precision}");
        if (sharding.Words() is { } shared)
        {
            display.Say($"ranks    {shared}");
        }

        display.Say($"samples  {data.Message}");
        display.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"network  {Kind(settings)}{settings.Channels}@{settings.Size}x{settings.Size}, {Widths(settings)}"
                + $"{data.ClassNames.Count} classes: {network.Graph.ParameterCount:N0} parameters{Variant(settings, network)}"));
        display.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"plan     {settings.Steps} steps of {settings.Batch} images, {settings.Optimizer} at {settings.LearningRate}, "
                + $"{(data.Pictures is null ? $"canvas {settings.Canvas}" : Pictures(settings))}"));
    }

    private static string Kind(TrainSettings settings) => IsReference(settings) ? "" : $"{settings.Architecture}, ";

    private static string Widths(TrainSettings settings) =>
        IsReference(settings) ? $"{string.Join(" and ", settings.Widths)} channels, " : "";

    /// <summary>What sets the network apart from the usual one of its kind.</summary>
    private static string Variant(TrainSettings settings, Execution network)
    {
        string pooling = settings.Pooling == "max" ? ", global max pooling" : "";
        string pools = IsReference(settings) && settings.Pools == 1 ? ", one max-pool" : "";
        int trained = network.Trained.Sum(parameter => parameter.Shape.Count), all = network.Parameters.Sum(p => p.Shape.Count);
        return pooling + pools + (trained < all ? string.Create(CultureInfo.InvariantCulture, $", {trained:N0} of them trained") : "");
    }

    private static string Pictures(TrainSettings settings)
    {
        string passes = settings.Epochs > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{settings.Epochs} passes over the training pictures, ") : "";
        string head = settings.HeadRate == 1
            ? "" : string.Create(CultureInfo.InvariantCulture, $"the last layer {settings.HeadRate} times that, ");
        return $"{head}{passes}augmentation {settings.Augmentation}";
    }

    private static bool IsReference(TrainSettings settings) => settings.Architecture == LeNetGap.Architecture;
}
