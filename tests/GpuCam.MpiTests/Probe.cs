namespace GpuCam.MpiTests;

/// <summary>Ranks that use the communicator and nothing else: the program GpuCam.MpiProbe, which lies beside the tests.</summary>
internal static class Probe
{
    /// <summary>MPICH's launcher, which has another ABI; null where it is not installed.</summary>
    public static string[]? Mpich => MpiRun.Found("mpirun.mpich", "mpiexec.hydra") is { } path ? [path] : null;

    /// <summary>What starts it on a rank.</summary>
    public static string[] Words(params string[] arguments) =>
        ["dotnet", Path.Combine(AppContext.BaseDirectory, "GpuCam.MpiProbe.dll"), .. arguments];

    /// <summary>Starts so many ranks of it.</summary>
    public static MpiRun Start(string[] launcher, int ranks, string[] arguments, params (string Name, string Value)[] variables) =>
        MpiRun.Start(Path.GetTempPath(), launcher, ["-n", $"{ranks}", .. Words(arguments)], variables);

    /// <summary>The same, to its end, after which no rank is left.</summary>
    public static MpiOutcome Run(string[] launcher, int ranks, params string[] arguments)
    {
        using MpiRun running = Start(launcher, ranks, arguments);
        return Ended(running);
    }

    /// <summary>Waits for the end, and for what outlives the launcher by a moment.</summary>
    public static MpiOutcome Ended(MpiRun running)
    {
        MpiOutcome outcome = running.Wait();
        Assert.True(SpinWait.SpinUntil(() => !running.IsLeft, TimeSpan.FromSeconds(10)), "something outlived the job");
        return outcome;
    }

    /// <summary>Waits until all ranks have met and made the file that they were told of.</summary>
    public static void AwaitFile(this MpiRun running, string path) =>
        Assert.True(running.WaitUntil(() => File.Exists(path)), "the ranks did not meet");
}

/// <summary>A test that needs MPICH too.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpichTheoryAttribute : TheoryAttribute
{
    public MpichTheoryAttribute() =>
        Skip = Probe.Mpich is null ? "NO MPICH HERE: install it (apt-get install mpich) to run ranks by it" : null;
}
