using System.Diagnostics;

namespace GpuCam.MpiTests;

/// <summary>What ranks say to each other, and how their job ends when one of them does.</summary>
public sealed class CommunicatorTests : IDisposable
{
    private const int KilledHard = 137;
    private readonly TestFolder _folder = new();

    private string Met => _folder.Path("met");

    public void Dispose() => _folder.Dispose();

    [MpiTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_call_is_right_on_Open_MPI(int ranks) =>
        Assert.Contains(
            $"{ranks} ranks, {ranks} here, Open MPI", Probe.Run(MpiRun.OpenMpi, ranks, "calls").Succeeded().Output,
            StringComparison.Ordinal);

    [MpichTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_call_is_right_on_MPICH(int ranks) =>
        Assert.Contains(
            $"{ranks} ranks, {ranks} here, MPICH", Probe.Run(Probe.Mpich!, ranks, "calls").Succeeded().Output, StringComparison.Ordinal);

    [MpiFact]
    public void A_null_is_still_an_exception_when_the_library_is_loaded() =>
        Assert.Contains("signals are .NET's", Probe.Run(MpiRun.OpenMpi, 1, "signals").Succeeded().Output, StringComparison.Ordinal);

    [MpichTheory]
    [InlineData(2)]
    public void A_null_is_still_an_exception_when_UCX_is_loaded(int ranks) =>
        Assert.Contains("signals are .NET's", Probe.Run(Probe.Mpich!, ranks, "signals").Succeeded().Output, StringComparison.Ordinal);

    [MpiTheory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_rank_ends_all_others_with_its_exit_code(int rank) =>
        Assert.Equal(7, Probe.Run(MpiRun.OpenMpi, 3, "abort", $"{rank}", "7").ExitCode);

    [MpichTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_rank_ends_all_others_with_its_exit_code_on_MPICH(int rank) =>
        Assert.Equal(7, Probe.Run(Probe.Mpich!, 2, "abort", $"{rank}", "7").ExitCode);

    [MpiTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_rank_that_is_killed_ends_the_job_at_once(int rank)
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, 3, ["turns", "60", Met]);
        running.AwaitFile(Met);
        Thread.Sleep(Random.Shared.Next(500));
        var clock = Stopwatch.StartNew();
        running.Signal("KILL", rank);
        Assert.Equal(KilledHard, Probe.Ended(running).ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"the job ended after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    [MpiTheory]
    [InlineData(2)]
    [InlineData(0)]
    public void A_rank_that_falls_silent_is_named_once_and_ends_the_job(int rank)
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, 3, ["turns", "60", Met], ("GPUCAM_RANK_TIMEOUT", "4"));
        running.AwaitFile(Met);
        Thread.Sleep(500);      // the first sign of life tells the host
        running.Signal("STOP", rank);
        MpiOutcome outcome = Probe.Ended(running);
        Assert.Equal(1, outcome.ExitCode);
        string line = Assert.Single(outcome.Errors.Split('\n'), line => line.Contains("not been heard of", StringComparison.Ordinal));
        Assert.StartsWith($"rank {rank} (host ", line, StringComparison.Ordinal);
    }

    /// <summary>Rank 1 has the line to say, and is held up.</summary>
    [MpiFact]
    public void Ranks_without_a_line_do_not_leave_before_it_is_said()
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, 3, ["turns", "60", Met], ("GPUCAM_RANK_TIMEOUT", "4"));
        running.AwaitFile(Met);
        Thread.Sleep(500);
        running.Signal("STOP", 0);
        running.Signal("STOP", 1);
        Thread.Sleep(2500);
        running.Signal("CONT", 1);
        MpiOutcome outcome = Probe.Ended(running);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Single(outcome.Errors.Split('\n'), line => line.StartsWith("rank 0 (host ", StringComparison.Ordinal));
    }

    [MpiFact]
    public void Ranks_that_compute_for_longer_or_are_stopped_for_less_are_not_silent()
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, 3, ["work", "4", Met], ("GPUCAM_RANK_TIMEOUT", "2"));
        running.AwaitFile(Met);
        running.Signal("STOP", 1);
        Thread.Sleep(500);
        running.Signal("CONT", 1);
        Assert.Contains("worked", Probe.Ended(running).Succeeded().Output, StringComparison.Ordinal);
    }

    [MpiFact]
    public void A_time_limit_that_is_no_number_is_said_once()
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, 2, ["work", "1"], ("GPUCAM_RANK_TIMEOUT", "soon"));
        Probe.Ended(running).Refused("GPUCAM_RANK_TIMEOUT is 'soon'");
    }

    [MpichTheory]
    [InlineData(2)]
    public void Another_library_than_the_launchers_is_said_once(int ranks)
    {
        using MpiRun running = Probe.Start(MpiRun.OpenMpi, ranks, ["work", "1"], ("GPUCAM_MPI", "libmpich.so.12"));
        Probe.Ended(running).Refused(
            "mpirun of Open MPI started 2 ranks, but for MPICH", "there is 1: launcher and library do not belong together");
    }

    [MpiFact]
    public void Tasks_of_Slurm_that_do_not_find_each_other_are_told_how_to_start()
    {
        using var running = MpiRun.Start(
            Path.GetTempPath(), Probe.Words("work", "1"), [], [("SLURM_STEP_NUM_TASKS", "4"), ("SLURM_PROCID", "0")]);
        running.Wait().Refused("srun started 4 tasks, but for Open MPI", "there is 1: start them with srun --mpi=pmix");
    }
}
