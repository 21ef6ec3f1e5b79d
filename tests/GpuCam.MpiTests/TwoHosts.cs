using System.Diagnostics;

namespace GpuCam.MpiTests;

/// <summary>
/// Two "hosts" on this machine: network namespaces with an address each and a cable between them, and in place of ssh a script that
/// enters the other one. mpirun is started on the first. They share files, as the nodes of a cluster do.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    private static int s_count;
    private readonly string _name = $"gpucam{Environment.ProcessId}n{Interlocked.Increment(ref s_count)}";
    private readonly string _agent;

    /// <param name="folder">For the script.</param>
    public TwoHosts(string folder)
    {
        _agent = Path.Combine(folder, "agent");
        File.WriteAllText(_agent, $"""
            #!/bin/sh
            host=${"{"}1##*.{"}"}; shift
            exec ip netns exec {_name}h$host unshare --uts sh -c "hostname host$host; $*"

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_agent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Require($"netns add {_name}h1");
        Require($"netns add {_name}h2");
        Require($"link add eth0 netns {_name}h1 type veth peer name eth0 netns {_name}h2");
        foreach (int host in (int[])[1, 2])
        {
            Require($"-n {_name}h{host} addr add 10.77.0.{host}/24 dev eth0");
            Require($"-n {_name}h{host} link set eth0 up");
            Require($"-n {_name}h{host} link set lo up");
        }
    }

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? WhyNot { get; } = MpiRun.WhyNot ?? (CanBeMade()
        ? null
        : "NO NETWORK NAMESPACES HERE: run as root, with iproute2, to see a host cut off");

    /// <summary>
    /// What makes mpirun notice a lost host by itself, 16 to 18 seconds after its last word: after the ranks have (docs/cluster.md).
    /// </summary>
    public static string[] Watch =>
        ["--mca", "oob_tcp_keepalive_time", "2", "--mca", "oob_tcp_keepalive_intvl", "2", "--mca", "oob_tcp_keepalive_probes", "8"];

    /// <summary>Starts ranks, two on each host.</summary>
    public MpiRun Start(string folder, string[] options, string[] words, params (string Name, string Value)[] variables)
    {
        string[] mpirun = [.. MpiRun.OpenMpi, "--host", "10.77.0.1:2,10.77.0.2:2", "-n", "4", .. options, .. words];
        return MpiRun.Start(folder, [_agent, "10.77.0.1"], ["exec", .. mpirun], [.. variables, ("OMPI_MCA_plm_rsh_agent", _agent)]);
    }

    /// <summary>Pulls the cable out.</summary>
    public void Cut() => Require($"-n {_name}h1 link set eth0 down");

    public void Dispose()
    {
        _ = Ip($"netns del {_name}h1");
        _ = Ip($"netns del {_name}h2");
    }

    private static bool CanBeMade()
    {
        string name = $"gpucam{Environment.ProcessId}";
        return Environment.UserName == "root" && MpiRun.Found("ip") is not null && Ip($"netns add {name}") && Ip($"netns del {name}");
    }

    private static void Require(string arguments) => Assert.True(Ip(arguments), "ip " + arguments);

    private static bool Ip(string arguments)
    {
        var start = new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process ip = Process.Start(start)!;
        ip.WaitForExit();
        return ip.ExitCode == 0;
    }
}

/// <summary>A test that needs two hosts.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TwoHostsFactAttribute : FactAttribute
{
    public TwoHostsFactAttribute() => Skip = TwoHosts.WhyNot;
}
