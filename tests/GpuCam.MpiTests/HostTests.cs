using System.Diagnostics;

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
    public void A_host_that_is_cut_off_is_named_and_all_ends_on_both_sides()
    {
        using MpiRun running = _hosts.Start(_folder.Root, TwoHosts.Watch, Probe.Words("turns", "120"));
        running.AwaitWork(4, 1.5);
        var clock = Stopwatch.StartNew();
        _hosts.Cut();
        MpiOutcome outcome = Probe.Ended(running);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"the job ended after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.NotEqual(0, outcome.ExitCode);
        string line = Assert.Single(outcome.Errors.Split('\n'), line => line.Contains("not been heard of", StringComparison.Ordinal));
        Assert.StartsWith("rank 2 (host host2) and 1 more have not been heard of for 15 s: the job ends", line, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => !_hosts.HasProcesses, TimeSpan.FromSeconds(10)), "something outlived the job");
    }
}
