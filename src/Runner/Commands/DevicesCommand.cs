using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam devices</c>: what this binary can compute on, and why not on the rest.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command("devices", "List the devices that --backend and --device can name, and why others cannot be used.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        IReadOnlyList<DeviceInfo> devices = DeviceCatalog.List();
        if (json)
        {
            var entries = devices.Select(d => new { backend = DeviceCatalog.NameOf(d.Backend), d.Index, d.Name, d.Available, d.Reason });
            Console.Out.WriteLine(RunnerJson.Line(new { build = DeviceCatalog.BuildKind, images = ImageCodec.Default.Name, devices = entries }));
            return CommandLine.Done;
        }

        Console.Out.WriteLine($"build    {DeviceCatalog.BuildKind}; {ImageCodec.Default.Name}");
        foreach (DeviceInfo device in devices)
        {
            string backend = DeviceCatalog.NameOf(device.Backend);
            string state = device.Available ? device.Name : $"not available: {device.Reason}";
            Console.Out.WriteLine($"{backend,-8} {(device.Available ? $"--device {device.Index}" : "-"),-11} {state}");
        }

        return CommandLine.Done;
    }
}
