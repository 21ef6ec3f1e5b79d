namespace GpuCam.Kernels;

/// <summary>
/// Every device this binary can run on: lists them, opens them, and says why one is not there. For any number of threads.
/// </summary>
public static class DeviceCatalog
{
    /// <summary>The library that compiles kernels for devices, and its version: <c>ILGPU 1.5.3</c>.</summary>
    public static string Engine { get; } = $"ILGPU {typeof(ILGPU.Context).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>All devices, the best backend first; a backend without any has one entry that says why.</summary>
    public static IReadOnlyList<DeviceInfo> List() => [.. IlgpuDevices.List().Append(Simd()).OrderBy(d => d.Backend).ThenBy(d => d.Index)];

    /// <summary>Opens a device. Only <see cref="Backend.Auto"/> falls back: cuda, else an OpenCL GPU, else simd.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="deviceIndex">Which of its devices, from 0.</param>
    /// <param name="threads">Threads for simd and cpu; 0 means one per core.</param>
    /// <param name="precision">How factors are rounded; all but float32 ask for a CUDA device, and nothing falls back from it.</param>
    /// <param name="ownProcessors">Whether no other process computes on the processors that this one may run on.</param>
    /// <exception cref="GpuCamException">It is not there, or cannot round so; the message says why and lists what is.</exception>
    public static IDevice Create(
        Backend backend, int deviceIndex, int threads, Precision precision = Precision.Float32, bool ownProcessors = true)
    {
        if (threads is < 0 or > 1024)
        {
            throw new GpuCamException($"{threads} threads: give a number from 1 to 1024, or 0 for one per core");
        }

        if (precision != Precision.Float32)
        {
            CheckCuda(backend, precision);
            backend = Backend.Cuda;
        }

        if (deviceIndex == 0 && (backend == Backend.Simd || (backend == Backend.Auto && !IlgpuDrivers.MayHaveGpu())))
        {
            return new HostDevice(Backend.Simd, threads, ownProcessors: ownProcessors);
        }

        IReadOnlyList<DeviceInfo> devices = List();
        if (backend == Backend.Auto)
        {
            return CreateBest(devices, deviceIndex, threads, ownProcessors);
        }

        DeviceInfo? device = devices.FirstOrDefault(d => d.Backend == backend && d.Index == deviceIndex);
        DeviceInfo next = device ?? devices.Where(d => d.Backend == backend).OrderByDescending(d => d.Available).First();
        if (!next.Available)
        {
            throw new GpuCamException($"backend {NameOf(backend)} is not available: {next.Reason}; available: {Available(devices)}");
        }

        if (device is null)
        {
            throw new GpuCamException($"backend {NameOf(backend)} has no device {deviceIndex}; available: {Available(devices)}");
        }

        return IlgpuDevices.Create(backend, deviceIndex, threads, precision);
    }

    /// <summary>The GPUs that a backend, or <see cref="Backend.Auto"/>, would choose among; none where it computes on the host.</summary>
    public static IReadOnlyList<DeviceInfo> Gpus(Backend backend)
    {
        if (backend is Backend.Simd or Backend.Cpu || (backend == Backend.Auto && !IlgpuDrivers.MayHaveGpu()))
        {
            return [];
        }

        IReadOnlyList<DeviceInfo> all = IlgpuDevices.Gpus();
        Backend kind = backend == Backend.Auto && all.Count > 0 ? all.Min(gpu => gpu.Backend) : backend;
        return [.. all.Where(gpu => gpu.Backend == kind)];
    }

    /// <summary>The ways to run group kernels, and the plain ones, that an open device would not choose itself; none on the host.</summary>
    /// <param name="device">The device.</param>
    /// <param name="deviceIndex">The number by which it was opened.</param>
    public static IReadOnlyList<DeviceVariant> Variants(IDevice device, int deviceIndex)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device is HostDevice ? [] : IlgpuDevices.Variants(device.Backend, deviceIndex, device.Precision);
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

    /// <summary>What the command line calls a precision.</summary>
    public static string NameOf(Precision precision) => precision switch
    {
        Precision.TF32 => "tf32",
        Precision.BFloat16 => "bf16",
        _ => "fp32",
    };

    private static void CheckCuda(Backend backend, Precision precision)
    {
        DeviceInfo cuda = List().Where(device => device.Backend == Backend.Cuda).OrderByDescending(device => device.Available).First();
        string only = $"--precision {NameOf(precision)} is for CUDA devices only";
        if (backend is not (Backend.Auto or Backend.Cuda))
        {
            throw new GpuCamException($"{only}, not for --backend {NameOf(backend)}; give --backend cuda, or --precision fp32");
        }

        if (!cuda.Available)
        {
            throw new GpuCamException($"{only}, and none is available: {cuda.Reason}; give --precision fp32 to do without");
        }
    }

    private static IDevice CreateBest(IReadOnlyList<DeviceInfo> devices, int deviceIndex, int threads, bool ownProcessors)
    {
        foreach (DeviceInfo info in devices)
        {
            bool candidate = info.Backend is Backend.Cuda or Backend.OpenCL && info.Available && info.Index == deviceIndex;
            if (candidate && TryOpenGpu(info) is { } gpu)
            {
                return gpu;
            }
        }

        return deviceIndex == 0
            ? new HostDevice(Backend.Simd, threads, ownProcessors: ownProcessors)
            : throw new GpuCamException($"no GPU has device number {deviceIndex}; available: {Available(devices)}");
    }

    /// <summary>The device, or null if it does not open or is no GPU: OpenCL on a CPU is slower than simd.</summary>
    private static IDevice? TryOpenGpu(DeviceInfo info)
    {
        try
        {
            IDevice device = IlgpuDevices.Create(info.Backend, info.Index, 0);
            if (device.PrefersGroups)
            {
                return device;
            }

            device.Dispose();
            return null;
        }
        catch (GpuCamException)
        {
            return null;
        }
    }

    /// <summary>The host itself, which ILGPU does not list.</summary>
    private static DeviceInfo Simd()
    {
        using var device = new HostDevice(Backend.Simd);
        var facts = new Dictionary<string, object> { ["threads"] = device.Threads.Count, ["vector_bits"] = device.VectorBits };
        return new DeviceInfo(Backend.Simd, 0, device.Description, true, null) { Facts = facts };
    }

    private static string Available(IReadOnlyList<DeviceInfo> devices) =>
        string.Join(", ", devices.Where(d => d.Available).Select(d => $"{NameOf(d.Backend)} {d.Index} ({d.Name})"));
}
