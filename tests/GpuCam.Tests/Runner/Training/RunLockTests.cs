using GpuCam.Runner;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>A run folder belongs to one process.</summary>
public sealed class RunLockTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_process_is_refused_and_a_killed_one_leaves_no_lock()
    {
        string[] command = TinyRun.Train(Run, "--steps", "1000000");
        using (Gpucam.Running running = Gpucam.Start(_folder.Path, command))
        {
            Assert.True(running.WaitUntil(() => File.Exists(Path.Combine(Run, "checkpoints", "step-4.safetensors"))));
            Gpucam.Call("train", "--resume", "--out", Run, "--threads", "1").Refused(Run, "another gpucam");
            running.Kill();
        }

        using FolderLock held = new RunFolder(Run).Take();
        Gpucam.Call("train", "--resume", "--out", Run, "--threads", "1").Refused(Run, "another gpucam");
    }

    [Fact]
    public void Two_trainings_that_begin_at_once_do_not_share_a_folder()
    {
        using Gpucam.Running one = Gpucam.Start(_folder.Path, TinyRun.Train(Run)), other = Gpucam.Start(_folder.Path, TinyRun.Train(Run));
        Outcome[] outcomes = [one.Wait(), other.Wait()];
        outcomes.Single(outcome => outcome.ExitCode == 0).Succeeded();
        outcomes.Single(outcome => outcome.ExitCode != 0).Refused(Run);
        Assert.Equal(File.ReadAllBytes(Path.Combine(trained.Run, "metrics.jsonl")), File.ReadAllBytes(Path.Combine(Run, "metrics.jsonl")));
    }

    [Fact]
    public void Folders_that_nobody_named_are_named_apart()
    {
        var first = new RunFolder(Run, apart: true);
        using (first.Create())
        {
            var second = new RunFolder(Run, apart: true);
            using FolderLock held = second.Create();
            Assert.Equal((Run, Run + "-2"), (first.Root, second.Root));
        }

        // One that has ended holds its run.
        File.WriteAllText(first.RunJson, "{}");
        var third = new RunFolder(Run, apart: true);
        using FolderLock free = third.Create();
        Assert.Equal(Run + "-2", third.Root);
    }
}
