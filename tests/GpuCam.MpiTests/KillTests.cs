using System.Diagnostics;
using System.Globalization;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>A run goes on from whatever a killed rank left.</summary>
public sealed class KillTests : IDisposable
{
    private const int KilledHard = 137;

    // More of them take minutes: GPUCAM_MPI_KILLS=30.
    private static readonly int s_kills = int.Parse(
        Environment.GetEnvironmentVariable("GPUCAM_MPI_KILLS") ?? "3", NumberStyles.None, CultureInfo.InvariantCulture);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void A_run_whose_ranks_are_killed_at_random_ends_with_the_bytes_of_one_that_was_left_alone()
    {
        string alone = _folder.Path("alone"), run = _folder.Path("run");
        SharedRun.Alone([.. SmallRun.Command, "--out", alone]);
        for (int kill = 0; kill < s_kills; kill++)
        {
            int ranks = Random.Shared.Next(2, 5), victim = Random.Shared.Next(ranks);
            using var running = MpiRun.Start(_folder.Root, [], [], (ranks, Arguments(run)));
            int lines = SmallRun.Lines(run) + Random.Shared.Next(3);
            running.WaitUntil(() => running.ProcessOf(victim) is not null && SmallRun.Lines(run) >= lines);
            Thread.Sleep(Random.Shared.Next(500));
            if (running.ProcessOf(victim) is not null)
            {
                running.Signal("KILL", victim);
            }

            var clock = Stopwatch.StartNew();
            int exitCode = Probe.Ended(running).ExitCode;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"the job ended after {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.Contains(exitCode, (int[])[KilledHard, CommandLine.Done]);
            if (exitCode == CommandLine.Done)
            {
                SharedRun.AssertSame(alone, run);
                Directory.Delete(run, recursive: true);
            }
        }

        MpiRun.Run(_folder.Root, 2, Arguments(run)).Succeeded();
        SharedRun.AssertSame(alone, run);
    }

    private static string[] Arguments(string run) =>
        File.Exists(Path.Combine(run, "run.json")) ? SmallRun.Resume(run) : [.. SmallRun.Command, "--out", run];
}
