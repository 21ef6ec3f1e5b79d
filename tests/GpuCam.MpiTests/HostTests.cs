using System.Diagnostics;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>Ranks on several hosts, and what becomes of their job when one is cut off.</summary>
public sealed class HostTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TwoHosts _hosts;

    public HostTests() => _hosts = new TwoHosts(_folder.Root);

    public void Dispose()
    {
        _hosts.Dispose();
        _folder.Dispose();
    }

    [TwoHostsFact]
    public void Calls_between_hosts_are_right()
    {
        using MpiRun running = _hosts.Start(_folder.Root, [], Probe.Words("calls"));
        Assert.Contains("4 ranks, 2 here", Probe.Ended(running).Succeeded().Output, StringComparison.Ordinal);
    }

    [TwoHostsFact]
    public void A_host_that_is_cut_off_is_named_all_ends_on_both_sides_and_the_run_goes_on_to_the_same_bytes()
    {
        string run = _folder.Path("run"), alone = _folder.Path("alone");
        SharedRun.Alone([.. SmallRun.Command, "--out", alone]);
        using MpiRun running = _hosts.Start(_folder.Root, TwoHosts.Watch, MpiRun.Gpucam([.. SmallRun.Command, "--out", run]));
        Assert.True(running.WaitUntil(() => SmallRun.Lines(run) > 0), "the run ended before it was cut off");
        var clock = Stopwatch.StartNew();
        _hosts.Cut();
        MpiOutcome outcome = running.Wait();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"the job ended after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.NotEqual(CommandLine.Done, Probe.Ended(running).ExitCode);
        string line = Assert.Single(outcome.Errors.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.StartsWith(
            "error: rank 2 (host host2) and 1 more have not been heard of for 15 s: the job ends", line, StringComparison.Ordinal);

        MpiRun.Run(_folder.Root, 2, SmallRun.Resume(run)).Succeeded();
        SharedRun.AssertSame(alone, run);
    }
}
