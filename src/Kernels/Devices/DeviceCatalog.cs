using System.Reflection;

namespace GpuCam.Kernels;

/// <summary>Every device this binary can run on: lists them, opens them, and says why one is not there.</summary>
public static class DeviceCatalog
{
    /// <summary>Which build this is: <c>ILGPU 1.5.3</c> or <c>portable kernels</c>.</summary>
    public static string BuildKind
    {
        get
        {
            string? kind = typeof(DeviceCatalog).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .FirstOrDefault(a => a.Key == "Ilgpu")?.Value;
            return kind is not null && kind.StartsWith("package", StringComparison.Ordinal)
                ? $"ILGPU{kind["package".Length..]}"
                : "portable kernels";
        }
    }

    /// <summary>All devices, the best backend first; a backend without any has one entry that says why.</summary>
    public static IReadOnlyList<DeviceInfo> List() => Complete(IlgpuDevices.List());

    /// <summary>Opens a device. Only <see cref="Backend.Auto"/> falls back: cuda, else an OpenCL GPU, else simd.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="deviceIndex">Which of its devices, from 0.</param>
    /// <param name="threads">Threads for simd and cpu; 0 means one per core.</param>
    /// <exception cref="GpuCamException">It is not there; the message says why and lists what is.</exception>
    public static IDevice Create(Backend backend, int deviceIndex, int threads)
    {
        if (threads is < 0 or > 1024)
            throw new GpuCamException($"{threads} threads: give a number from 1 to 1024, or 0 for one per core");
        IReadOnlyList<DeviceInfo> ilgpu = IlgpuDevices.List();
        IReadOnlyList<DeviceInfo> devices = Complete(ilgpu);
        if (backend == Backend.Auto)
            return CreateBest(devices, deviceIndex, threads);

        DeviceInfo? device = devices.FirstOrDefault(d => d.Backend == backend && d.Index == deviceIndex);
        DeviceInfo next = device ?? devices.Where(d => d.Backend == backend).OrderByDescending(d => d.Available).First();
        if (!next.Available)
            throw new GpuCamException($"backend {NameOf(backend)} is not available: {next.Reason}; available: {Available(devices)}");
        if (device is null)
            throw new GpuCamException($"backend {NameOf(backend)} has no device {deviceIndex}; available: {Available(devices)}");
        return ilgpu.Contains(device) ? IlgpuDevices.Create(backend, deviceIndex, threads) : new HostDevice(backend, threads);
    }

    /// <summary>The ways to run group kernels, and the plain ones, that an open device would not choose itself; none on the host.</summary>
    /// <param name="device">The device.</param>
    /// <param name="deviceIndex">The number by which it was opened.</param>
    public static IReadOnlyList<DeviceVariant> Variants(IDevice device, int deviceIndex)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device is HostDevice ? [] : IlgpuDevices.Variants(device.Backend, deviceIndex);
    }

    /// <summary>What the command line calls a backend.</summary>
    public static string NameOf(Backend backend) => backend switch
    {
        Backend.Auto => "auto",
        Backend.Cuda => "cuda",
        Backend.OpenCL => "opencl",
        Backend.Cpu => "cpu",
        _ => "simd",
    };

    private static IDevice CreateBest(IReadOnlyList<DeviceInfo> devices, int deviceIndex, int threads)
    {
        foreach (DeviceInfo info in devices)
        {
            bool candidate = info.Backend is Backend.Cuda or Backend.OpenCL && info.Available && info.Index == deviceIndex;
            if (candidate && TryOpenGpu(info) is { } gpu)
                return gpu;
        }

        return deviceIndex == 0
            ? new HostDevice(Backend.Simd, threads)
            : throw new GpuCamException($"no GPU has device number {deviceIndex}; available: {Available(devices)}");
    }

    /// <summary>The device, or null if it does not open or is no GPU: OpenCL on a CPU is slower than simd.</summary>
    private static IDevice? TryOpenGpu(DeviceInfo info)
    {
        try
        {
            IDevice device = IlgpuDevices.Create(info.Backend, info.Index, 0);
            if (device.PrefersGroups)
                return device;
            device.Dispose();
            return null;
        }
        catch (GpuCamException)
        {
            return null;
        }
    }

    /// <summary>Adds what ILGPU does not know: the host's own devices, and why a backend has none.</summary>
    private static DeviceInfo[] Complete(IReadOnlyList<DeviceInfo> ilgpu)
    {
        var devices = new List<DeviceInfo>(ilgpu);
        if (!devices.Exists(d => d.Backend == Backend.Cpu))
            devices.Add(Host(Backend.Cpu));
        devices.Add(Host(Backend.Simd));
        foreach (Backend backend in new[] { Backend.Cuda, Backend.OpenCL })
        {
            if (!devices.Exists(d => d.Backend == backend))
                devices.Add(new DeviceInfo(backend, 0, "none", false, "no such device was found; check that its driver is installed"));
        }

        return [.. devices.OrderBy(d => d.Backend).ThenBy(d => d.Index)];
    }

    private static DeviceInfo Host(Backend backend)
    {
        using var device = new HostDevice(backend);
        var facts = new Dictionary<string, object> { ["threads"] = device.Threads.Count };
        if (device.Vectorized)
            facts["vector_bits"] = device.VectorBits;
        return new DeviceInfo(backend, 0, device.Description, true, null) { Facts = facts };
    }

    private static string Available(IReadOnlyList<DeviceInfo> devices) =>
        string.Join(", ", devices.Where(d => d.Available).Select(d => $"{NameOf(d.Backend)} {d.Index} ({d.Name})"));
}
