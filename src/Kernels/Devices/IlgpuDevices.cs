using System.Runtime.InteropServices;
using System.Runtime.Loader;
using GpuCam.Kernels.Ops;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuCam.Kernels;

/// <summary>Finds ILGPU's devices, once per process, and tells why some cannot be used.</summary>
internal static class IlgpuDevices
{
    private static readonly Lazy<IReadOnlyList<(DeviceInfo Info, Device? Device, bool IsGpu)>> s_found = new(Find);

    public static IReadOnlyList<DeviceInfo> List() => [.. s_found.Value.Select(entry => entry.Info)];

    /// <summary>Those of them that are GPUs and can be opened.</summary>
    public static IReadOnlyList<DeviceInfo> Gpus() =>
        [.. s_found.Value.Where(entry => entry.IsGpu && entry.Info.Available).Select(entry => entry.Info)];

    /// <summary>
    /// Opens an available device of <see cref="List"/>; <paramref name="threads"/> (0: one per core) counts for the CPU only.
    /// </summary>
    public static IDevice Create(Backend backend, int index, int threads, Precision precision = Precision.Float32)
    {
        (Device? device, bool isGpu) = Listed(backend, index);
        if (device is CudaDevice { Architecture: { } architecture } cuda)
        {
            CheckTensorCores(precision, architecture, cuda.Name);
        }

        return new IlgpuDevice(backend, isGpu, device ?? Cpu(threads), precision: precision);
    }

    /// <summary>Throws a <see cref="GpuCamException"/> if a CUDA device has no tensor cores that round as is wanted.</summary>
    public static void CheckTensorCores(Precision precision, CudaArchitecture architecture, string name)
    {
        if (precision != Precision.Float32 && architecture < CudaArchitecture.SM_80)
        {
            throw new GpuCamException($"--precision {DeviceCatalog.NameOf(precision)} needs compute capability 8.0 or newer, {name} has "
                + $"{architecture.Major}.{architecture.Minor}; give another --device, or --precision fp32");
        }
    }

    /// <summary>
    /// A device of <see cref="List"/> with other kernels than it would choose: the plain ones where groups are its choice, and groups of
    /// one thread, of 16 and of as many as reductions take, each with another tile and another split of long sums. The CPU accelerator has
    /// groups of 64 here.
    /// </summary>
    public static IReadOnlyList<DeviceVariant> Variants(Backend backend, int index, Precision precision)
    {
        (Device? found, bool isGpu) = Listed(backend, index);
        Device device = found ?? new CPUDevice(8, 8, 1);
        LaunchTable limits = IlgpuDevice.Limits(device);
        int largest = Math.Min(limits.MaxGroupSize, GroupTree.MaxThreads);
        var variants = new List<DeviceVariant>();
        if (isGpu)
        {
            variants.Add(new DeviceVariant("plain", () => new IlgpuDevice(backend, false, device, precision: precision)));
        }

        foreach ((int size, TileSize tile, int splits) in new[] { (1, TileSize.Small, 1), (16, TileSize.Narrow, 3),
            (largest, TileSize.Wide, 2) })
        {
            if (size > largest || tile.SharedBytes > limits.SharedMemory)
            {
                continue;
            }

            LaunchTable table = limits.WithAll(new LaunchRow(size, tile, splits));
            variants.Add(new DeviceVariant($"groups of {size}", () => new IlgpuDevice(backend, true, device, table, precision)));
        }

        return variants;
    }

    private static (Device? Device, bool IsGpu) Listed(Backend backend, int index)
    {
        (_, Device? device, bool isGpu) = s_found.Value.Single(entry => entry.Info.Backend == backend && entry.Info.Index == index);
        return (device, isGpu);
    }

    // Warps of two threads are the smallest that ILGPU simulates; one per core is its fastest setting.
    private static CPUDevice Cpu(int threads) => new(2, 1, threads > 0 ? threads : Environment.ProcessorCount);

    private static List<(DeviceInfo Info, Device? Device, bool IsGpu)> Find()
    {
        // Distributions install the loaders under versioned names, ILGPU asks for the plain ones.
        AssemblyLoadContext.GetLoadContext(typeof(Context).Assembly)!.ResolvingUnmanagedDll += (_, name) => LoadVersioned(name);

        // One search for the whole process: on WSL, ILGPU can look for CUDA devices only once.
        using var context = Context.Create(builder => builder.Cuda(_ => true).OpenCL(_ => true));
        var found = new List<(DeviceInfo Info, Device? Device, bool IsGpu)>();
        Add(found, Backend.Cuda, [.. context.Devices.OfType<CudaDevice>()], Reject, _ => true, IlgpuDrivers.Cuda);
        Add(found, Backend.OpenCL, [.. context.Devices.OfType<CLDevice>()], Reject, IsGpu, IlgpuDrivers.OpenCL);
        CPUDevice cpu = Cpu(0);
        found.Add((new DeviceInfo(Backend.Cpu, 0, IlgpuDevice.Describe(cpu), true, null) { Facts = IlgpuFacts.Of(cpu) }, null, false));
        return found;
    }

    private static void Add<TDevice>(
        List<(DeviceInfo Info, Device? Device, bool IsGpu)> found, Backend backend, TDevice[] devices,
        Func<TDevice, string?> reject, Predicate<TDevice> isGpu, Func<(string Reason, Dictionary<string, object> Facts)> whyNone)
        where TDevice : Device
    {
        if (devices.Length == 0)
        {
            (string reason, Dictionary<string, object> facts) = whyNone();
            found.Add((new DeviceInfo(backend, 0, "none", false, reason) { Facts = facts }, null, false));
        }

        for (int index = 0; index < devices.Length; index++)
        {
            TDevice device = devices[index];
            string? reason = reject(device);
            var info =
                new DeviceInfo(backend, index, IlgpuDevice.Describe(device), reason is null, reason) { Facts = IlgpuFacts.Of(device) };
            found.Add((info, device, isGpu(device)));
        }
    }

    private static bool IsGpu(CLDevice device) => device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);

    private static string? Reject(CudaDevice device) =>
        device.Architecture is null || device.InstructionSet is null
            ? $"ILGPU knows no instruction set for it with CUDA driver {device.DriverVersion}; update the driver"
            : null;

    private static string? Reject(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
        {
            return $"it compiles OpenCL C {device.CLStdVersion}, ILGPU needs {CLBackend.MinimumVersion} or newer; {Mend(device)}";
        }

        return device.Capabilities.GenericAddressSpace
            ? null
            : $"its driver lacks OpenCL's generic address space, which ILGPU needs; {Mend(device)}";
    }

    private static string Mend(CLDevice device)
    {
        if (device.PlatformName.Contains("Portable Computing", StringComparison.Ordinal))
        {
            return "PoCL has it in version 6 (Debian 13), not in 3.1 (Debian 12)";
        }

        return device.Vendor == CLDeviceVendor.Nvidia
            ? "use --backend cuda, or update its driver"
            : "use its maker's own OpenCL driver, or update it";
    }

    private static nint LoadVersioned(string name) =>
        (name is "OpenCL" or "cuda") && NativeLibrary.TryLoad($"lib{name}.so.1", out nint handle) ? handle : 0;
}
