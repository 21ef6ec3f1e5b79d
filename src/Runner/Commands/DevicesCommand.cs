using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Runner.Images;

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
        DeviceEntry[] devices = [.. DeviceCatalog.List().Select(device => Describe(device, verbose))];
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(new { build = DeviceCatalog.Engine, images = ImageLibraries.Summary, devices }));
            return CommandLine.Done;
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

    private sealed record DeviceEntry(
        string Backend, int Index, string Name, bool Available, string? Reason, IReadOnlyDictionary<string, object>? Facts);
}
