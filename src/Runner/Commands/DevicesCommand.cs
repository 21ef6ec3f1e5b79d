using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam devices</c>: what this binary can compute on, and why not on the rest.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var verbose = new Option<bool>("--verbose") { Description = "also each device's limits and driver, and whether it opens" };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command(
            "devices", "List the devices that --backend and --device can name, and why others cannot be used.") { verbose, json };
        command.SetAction(parsed => Run(parsed.GetValue(verbose), parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool verbose, bool json)
    {
        RankJob job = RankJob.OfProcess;
        RankEntry[]? ranks = job.IsAlone ? null : job.Gather(OfRank(job));
        DeviceEntry[] devices = job.IsFirst ? [.. DeviceCatalog.List().Select(device => Describe(device, verbose))] : [];
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(new { build = DeviceCatalog.Engine, images = ImageLibraries.Summary, ranks, devices }));
            return CommandLine.Done;
        }

        if (ranks is not null)
        {
            int hosts = ranks.Select(rank => rank.Host).Distinct().Count();
            string where = hosts == 1 ? "one machine" : $"{hosts} machines";
            Console.Out.WriteLine($"ranks    {ranks.Length} on {where}; {job.Communicator.Description}");
            foreach (RankEntry rank in ranks)
            {
                string threads = rank.Threads == 1 ? "1 thread" : $"{rank.Threads} threads";
                Console.Out.WriteLine($"{$"rank {rank.Rank}",-8} {rank.Host}, {threads}: {rank.Device}");
            }

            Console.Out.WriteLine($"and on {ranks[0].Host}:");
        }

        Console.Out.WriteLine($"build    {DeviceCatalog.Engine}; {ImageLibraries.Summary}");
        foreach (DeviceEntry device in devices)
        {
            string state = device.Available ? device.Name : $"not available: {device.Reason}";
            string option = device.Available ? $"--device {device.Index}" : "-";
            Console.Out.WriteLine($"{device.Backend,-8} {option,-11} {state}");
            foreach ((string name, object value) in device.Facts ?? new Dictionary<string, object>())
            {
                Console.Out.WriteLine(FormattableString.Invariant($"{"",20} {name.Replace('_', ' '),-38} {value}"));
            }
        }

        return CommandLine.Done;
    }

    /// <summary>What a command would compute on here.</summary>
    private static RankEntry OfRank(RankJob job)
    {
        try
        {
            using IDevice device = RankDevice.Open(job, Backend.Auto, null, 0, Precision.Float32);
            return new RankEntry(job.Rank, job.Share.Host, job.Share.Threads, device.Description);
        }
        catch (GpuCamException e)
        {
            return new RankEntry(job.Rank, job.Share.Host, job.Share.Threads, $"not available: {e.Message}");
        }
    }

    /// <summary>With <paramref name="verbose"/> the device is opened too: what only its driver knows shows then.</summary>
    private static DeviceEntry Describe(DeviceInfo device, bool verbose)
    {
        var entry = new DeviceEntry(DeviceCatalog.NameOf(device.Backend), device.Index, device.Name, device.Available, device.Reason,
            verbose ? device.Facts : null);
        if (!verbose || !device.Available)
        {
            return entry;
        }

        try
        {
            using IDevice opened = DeviceCatalog.Create(device.Backend, device.Index, 0);
            string kernels = opened.PrefersGroups ? "group kernels" : opened is HostDevice { Vectorized: true } ? "vectorised" : "plain";
            return entry with { Facts = new Dictionary<string, object>(device.Facts) { ["opens"] = "yes", ["kernels_chosen"] = kernels } };
        }
        catch (GpuCamException e)
        {
            return entry with
            {
                Available = false,
                Reason = e.Message,
                Facts = new Dictionary<string, object>(device.Facts) { ["opens"] = "no" }
            };
        }
    }

    private sealed record RankEntry(int Rank, string Host, int Threads, string Device);

    private sealed record DeviceEntry(
        string Backend, int Index, string Name, bool Available, string? Reason, IReadOnlyDictionary<string, object>? Facts);
}
