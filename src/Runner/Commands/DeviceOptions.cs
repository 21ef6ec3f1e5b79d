using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary>The options that choose a device; every command that computes has them.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<Backend> _backend = new("--backend")
    {
        Description =
            "what computes: cuda or opencl (a GPU), simd (the processor, vectorised), cpu (the processor, plain), or auto: a GPU if "
                + "there is one, else simd (default: auto)",
        HelpName = "NAME",
        CustomParser = result =>
        {
            string name = result.Tokens[0].Value;
            if (Enum.TryParse(name, ignoreCase: true, out Backend backend) && !int.TryParse(name, CultureInfo.InvariantCulture, out _))
            {
                return backend;
            }

            result.AddError($"--backend {name} is not known; choose one of auto, cuda, opencl, cpu, simd");
            return Backend.Auto;
        },
    };

    private readonly Option<int> _device = new("--device")
    {
        Description =
            "which device of that backend, as numbered by 'gpucam devices' (default: 0, and for each rank on a machine one of its own)",
        HelpName = "N",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "threads on the processor, 1 to 1024 (default: one per core, which several ranks on a machine share)",
        HelpName = "N",
    };

    private readonly Option<string?> _precision = new("--precision")
    {
        Description =
            "how tensor cores may round what convolutions and linear layers multiply, on cuda only: fp32 (not at all), tf32 (10 bits of "
                + "mantissa) or bf16 (7); sums stay fp32 (default: fp32)",
        HelpName = "NAME",
    };

    public DeviceOptions(Command command)
    {
        _precision.CompletionSources.Add([.. OptionNames.Precision.Names]);
        _backend.CompletionSources.Clear();     // the names of the enum, in its own case
        _backend.CompletionSources.Add("auto", "cuda", "opencl", "cpu", "simd");
        command.Options.Add(_backend);
        command.Options.Add(_device);
        command.Options.Add(_threads);
        command.Options.Add(_precision);
    }

    /// <summary>Opens the device that the options name.</summary>
    public IDevice Open(ParseResult parsed) => Open(parsed, PrecisionName(parsed) ?? "fp32");

    /// <summary>The same with the precision of that name, whatever <c>--precision</c> says.</summary>
    public IDevice Open(ParseResult parsed, string precision)
    {
        Precision rounding = OptionNames.Precision.Parse(precision);
        int threads = parsed.GetValue(_threads);
        if (threads is < 0 or > 1024)
        {
            throw new GpuCamException($"--threads {threads} is out of range; give 1 to 1024, or 0 for one per core");
        }

        int? device = parsed.GetResult(_device) is { Implicit: false } ? parsed.GetValue(_device) : null;
        return RankDevice.Open(RankJob.OfProcess, parsed.GetValue(_backend), device, threads, rounding);
    }

    /// <summary>What <c>--precision</c> says, or null.</summary>
    public string? PrecisionName(ParseResult parsed) => parsed.GetValue(_precision);

    /// <summary>The same device, once opened, with kernels that it would not choose itself.</summary>
    public IReadOnlyList<DeviceVariant> Variants(ParseResult parsed, IDevice device) =>
        DeviceCatalog.Variants(device, parsed.GetValue(_device));
}
