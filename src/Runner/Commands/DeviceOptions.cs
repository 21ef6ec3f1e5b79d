using System.CommandLine;
using GpuCam.Kernels;

namespace GpuCam.Runner.Commands;

/// <summary>The options that choose a device; every command that computes has them.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<Backend> _backend = new("--backend")
    {
        Description = "what computes: auto (a GPU if there is one, else simd), cuda, opencl, cpu, simd",
        DefaultValueFactory = _ => Backend.Auto,
        HelpName = "auto|cuda|opencl|cpu|simd",
        CustomParser = result =>
        {
            string name = result.Tokens[0].Value;
            if (Enum.TryParse(name, ignoreCase: true, out Backend backend) && !int.TryParse(name, out _))
                return backend;
            result.AddError($"--backend {name} is not known; choose one of auto, cuda, opencl, cpu, simd");
            return Backend.Auto;
        },
    };

    private readonly Option<int> _device = new("--device")
    {
        Description = "which device of the backend, as numbered by 'gpucam devices'",
        HelpName = "N",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "host threads (0: one per core)",
        HelpName = "N",
    };

    public DeviceOptions(Command command)
    {
        command.Options.Add(_backend);
        command.Options.Add(_device);
        command.Options.Add(_threads);
    }

    /// <summary>Opens the device that the options name.</summary>
    public IDevice Open(ParseResult parsed)
    {
        int threads = parsed.GetValue(_threads);
        if (threads is < 0 or > 1024)
            throw new GpuCamException($"--threads {threads} is out of range; give 1 to 1024, or 0 for one per core");
        return DeviceCatalog.Create(parsed.GetValue(_backend), parsed.GetValue(_device), threads);
    }
}
