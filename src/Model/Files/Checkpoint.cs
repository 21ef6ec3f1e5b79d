using System.Globalization;

namespace GpuCam.Model;

/// <summary>Where a training run stands, beside weights and optimizer.</summary>
public sealed record TrainingProgress
{
    /// <summary>Steps done.</summary>
    public int Step { get; init; }

    /// <summary>Images seen; with the seed it says which sample comes next.</summary>
    public long Images { get; init; }

    /// <summary>The best accuracy of an evaluation so far; null before the first.</summary>
    public double? BestAccuracy { get; init; }

    /// <summary>The step of that evaluation.</summary>
    public int BestStep { get; init; }

    /// <summary>Whatever else the run needs to go on, by name.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// A training run in two files: the model, as <see cref="ModelFile"/> writes it, and beside it the optimizer's state with the
/// progress. Both carry the step, and a pair from different steps is refused. A run resumed from them is bit for bit the run that was not
/// stopped.
/// </summary>
public static class Checkpoint
{
    private const string StepKey = "gpucam.step";
    private const string OptimizerKey = "gpucam.optimizer";
    private const string ImagesKey = "gpucam.images";
    private const string BestAccuracyKey = "gpucam.best_accuracy";
    private const string BestStepKey = "gpucam.best_step";
    private const string ExtraPrefix = "gpucam.run.";

    /// <summary>Writes both files.</summary>
    /// <param name="model">Gets the model.</param>
    /// <param name="state">Gets the optimizer's state and the progress.</param>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="progress">Its step must be the optimizer's step count.</param>
    public static void Save(Stream model, Stream state, Execution network, Optimizer optimizer, TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(progress);
        if (progress.Step != optimizer.StepCount)
        {
            throw new ArgumentException($"progress says step {progress.Step}, the optimizer {optimizer.StepCount}", nameof(progress));
        }

        string step = Text(progress.Step);
        ModelFile.Save(model, network, new Dictionary<string, string> { [StepKey] = step });

        var metadata = new Dictionary<string, string>
        {
            [StepKey] = step,
            [OptimizerKey] = optimizer.Name,
            [ImagesKey] = Text(progress.Images),
            [BestStepKey] = Text(progress.BestStep),
        };
        if (progress.BestAccuracy is { } best)
        {
            metadata[BestAccuracyKey] = best.ToString("R", CultureInfo.InvariantCulture);
        }

        foreach ((string key, string value) in progress.Extra)
        {
            metadata[ExtraPrefix + key] = value;
        }

        SafetensorsWriter.Write(state, metadata, optimizer.State.Select(s => ParameterLayout.ToFile(s.Value, s.Parameter)));
    }

    /// <summary>Puts network and optimizer where they were; on an error both stay as they are.</summary>
    /// <param name="model">The model file.</param>
    /// <param name="modelName">What errors call it.</param>
    /// <param name="state">The file beside it.</param>
    /// <param name="stateName">What errors call it.</param>
    /// <param name="network">A network of the same configuration.</param>
    /// <param name="optimizer">An optimizer of the same kind and settings.</param>
    /// <exception cref="GpuCamException">A file is damaged, or they do not belong together.</exception>
    public static TrainingProgress Load(
        Stream model, string modelName, Stream state, string stateName, Execution network, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimizer);
        SafetensorsFile modelFile = SafetensorsReader.Read(model, modelName);
        SafetensorsFile stateFile = SafetensorsReader.Read(state, stateName);
        TrainingProgress progress = ReadProgress(stateFile);
        long modelStep = Integer(modelFile, StepKey);
        if (modelStep != progress.Step)
        {
            throw new GpuCamException(
                $"{modelName} is of step {modelStep}, {stateName} of step {progress.Step}: resume from a pair of one step");
        }

        if (stateFile.Metadata.GetValueOrDefault(OptimizerKey) is var name && name != optimizer.Name)
        {
            throw new GpuCamException(
                $"{stateName}: the run was trained with optimizer '{name}', not '{optimizer.Name}': resume it with the same");
        }

        ModelFile.Check(modelFile, network.Network);
        foreach (OptimizerState part in optimizer.State)
        {
            ModelFile.CheckTensor(
                stateFile, Find(stateFile, part.Value.Name), ParameterLayout.FileShape(part.Parameter.Kind, part.Parameter.Shape));
        }

        if (stateFile.Tensors.Count != optimizer.State.Count)
        {
            throw new GpuCamException($"{stateName}: {stateFile.Tensors.Count} tensors, expected {optimizer.State.Count}: resume with "
                + "the optimizer settings of the run");
        }

        ModelFile.Restore(modelFile, network);
        foreach (OptimizerState part in optimizer.State)
        {
            ParameterLayout.FromFile(Find(stateFile, part.Value.Name), part.Value, part.Parameter);
        }

        optimizer.StepCount = progress.Step;
        return progress;
    }

    /// <summary>The progress of a state file that has been read.</summary>
    public static TrainingProgress ReadProgress(SafetensorsFile state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new TrainingProgress
        {
            Step = (int)Integer(state, StepKey),
            Images = Integer(state, ImagesKey),
            BestStep = (int)Integer(state, BestStepKey),
            BestAccuracy = state.Metadata.TryGetValue(BestAccuracyKey, out string? text) ? Number(state, text) : null,
            Extra = state.Metadata
                .Where(entry => entry.Key.StartsWith(ExtraPrefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[ExtraPrefix.Length..], entry => entry.Value),
        };
    }

    private static SafetensorsTensor Find(SafetensorsFile file, string name) =>
        file.Find(name)
            ?? throw new GpuCamException($"{file.Name}: tensor '{name}' is missing: resume with the optimizer settings of the run");

    private static long Integer(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && (value <= int.MaxValue || key == ImagesKey)
            ? value
            : throw new GpuCamException($"{file.Name}: no valid {key} in its metadata: resume from a checkpoint that this program wrote");

    private static double Number(SafetensorsFile file, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new GpuCamException($"{file.Name}: {BestAccuracyKey} is '{text}', expected a number: resume from another checkpoint");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
