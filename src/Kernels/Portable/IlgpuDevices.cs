namespace GpuCam.Kernels;

/// <summary>Stands where the package build has ILGPU's devices, and says why there are none.</summary>
internal static class IlgpuDevices
{
    private const string Reason =
        "this binary was built without the ILGPU package; " +
        "build it again where a package feed has ILGPU 1.5.3 (-p:Ilgpu=package shows why restore fails)";

    /// <summary>The backends that need ILGPU. <see cref="Backend.Cpu"/> is not among them: the host runs it.</summary>
    public static IReadOnlyList<DeviceInfo> List() =>
    [
        new DeviceInfo(Backend.Cuda, 0, "none", false, Reason),
        new DeviceInfo(Backend.OpenCL, 0, "none", false, Reason),
    ];

    /// <summary>Always an error.</summary>
    public static IDevice Create(Backend backend, int index, int threads) =>
        throw new GpuCamException($"backend {DeviceCatalog.NameOf(backend)} device {index} is not available: {Reason}");

    /// <summary>None: the host runs the kernels that it chooses.</summary>
    public static IReadOnlyList<DeviceVariant> Variants(Backend backend, int index) => [];
}
