using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>The two files of a checkpoint in a run folder.</summary>
internal static class RunCheckpoint
{
    /// <summary>
    /// Writes the state, then the model, each whole or not at all: a model file's presence says that both are there.
    /// Returns the bytes of the model file.
    /// </summary>
    public static byte[] Save(RunFolder folder, Network network, Optimizer optimizer, TrainingProgress progress)
    {
        using var model = new MemoryStream();
        using var state = new MemoryStream();
        Checkpoint.Save(model, state, network, optimizer, progress);
        AtomicFile.WriteAllBytes(folder.StateOf(progress.Step), state.ToArray());
        AtomicFile.WriteAllBytes(folder.ModelOf(progress.Step), model.ToArray());
        return model.ToArray();
    }

    /// <summary>Puts network and optimizer where they were after <paramref name="step"/>.</summary>
    public static TrainingProgress Load(RunFolder folder, int step, Network network, Optimizer optimizer)
    {
        using FileStream model = File.OpenRead(folder.ModelOf(step));
        using FileStream state = File.OpenRead(folder.StateOf(step));
        return Checkpoint.Load(model, folder.ModelOf(step), state, folder.StateOf(step), network, optimizer);
    }
}
