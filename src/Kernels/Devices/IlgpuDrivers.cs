using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuCam.Kernels;

/// <summary>
/// Why ILGPU lists no device of a kind, which it does not tell: asks the drivers themselves, step by step, where the search ends.
/// </summary>
internal static unsafe class IlgpuDrivers
{
    private const string Vendors = "/etc/OpenCL/vendors";

    /// <summary>
    /// False where no driver of a GPU is to be seen. It asks less than ILGPU's search, which makes half a compiler first: a command that
    /// ends on the host is a tenth of a second sooner there.
    /// </summary>
    public static bool MayHaveGpu()
    {
        if (!OperatingSystem.IsLinux() || IsThere("cuda", out _))
        {
            return true;
        }

        uint platforms = 0;
        return IsThere("OpenCL", out nint loader) && (!NativeLibrary.TryGetExport(loader, "clGetPlatformIDs", out nint count)
            || (((delegate* unmanaged<uint, nint*, uint*, int>)count)(0, null, &platforms) == 0 && platforms > 0));
    }

    /// <summary>The reason and the remedy, and what was found on the way.</summary>
    public static (string Reason, Dictionary<string, object> Facts) Cuda()
    {
        Dictionary<string, object> facts = Adapters();
        if (!TryLoad(OperatingSystem.IsWindows() ? "nvcuda" : "cuda", out nint library))
        {
            facts["libcuda"] = "not found";
            string remedy = File.Exists("/proc/driver/nvidia/version")
                ? "NVIDIA's kernel driver runs here, so this is probably a container: start it with its GPUs (docker run --gpus all)"
                : "install NVIDIA's driver; nothing else of CUDA is needed";
            return ($"there is no CUDA driver (libcuda.so); {remedy}", facts);
        }

        facts["libcuda"] = "found";
        var code = (CudaError)((delegate* unmanaged<uint, int>)NativeLibrary.GetExport(library, "cuInit"))(0);
        facts["cuInit"] = $"{code}";
        return code switch
        {
            CudaError.CUDA_SUCCESS => ("the CUDA driver lists no device; check nvidia-smi and CUDA_VISIBLE_DEVICES", facts),
            CudaError.CUDA_ERROR_NO_DEVICE =>
            ("the CUDA driver sees no GPU; check nvidia-smi, CUDA_VISIBLE_DEVICES and, in a container, --gpus all", facts),
            _ => ($"the CUDA driver does not start: {code}; check nvidia-smi: after an update of the driver, restart the machine", facts),
        };
    }

    /// <inheritdoc cref="Cuda"/>
    public static (string Reason, Dictionary<string, object> Facts) OpenCL()
    {
        Dictionary<string, object> facts = Adapters();
        if (!TryLoad("OpenCL", out nint library))
        {
            facts["libOpenCL"] = "not found";
            return ("there is no OpenCL loader (libOpenCL.so); install it, such as Debian's ocl-icd-libopencl1, and the OpenCL driver of "
                + "your GPU", facts);
        }

        facts["libOpenCL"] = "found";
        if (!OperatingSystem.IsWindows())
        {
            facts["drivers_in_etc_opencl_vendors"] = Directory.Exists(Vendors)
                ? string.Join(", ", Directory.GetFiles(Vendors).Select(Path.GetFileName)) : "none";
        }

        uint platforms = 0;
        int code =
            ((delegate* unmanaged<uint, nint*, uint*, int>)NativeLibrary.GetExport(library, "clGetPlatformIDs"))(0, null, &platforms);
        facts["platforms"] = code == 0 ? PlatformNames((int)platforms) : "none";
        return code == 0 && platforms > 0
            ? ($"the OpenCL drivers ({facts["platforms"]}) list no device; check that the driver fits your GPU and that you may use it "
                + "(groups render and video)", facts)
            : ("the OpenCL loader finds no driver; install your GPU's, such as Debian's nvidia-opencl-icd, intel-opencl-icd or "
                + "mesa-opencl-icd", facts);
    }

    private static string PlatformNames(int count)
    {
        nint[] platforms = new nint[count];
        CLAPI.CurrentAPI.GetPlatforms(platforms, ref count);
        return string.Join(
            ", ", platforms.Select(platform => CLAPI.CurrentAPI.GetPlatformInfo(platform, CLPlatformInfoType.CL_PLATFORM_NAME)));
    }

    /// <summary>Display adapters and accelerators on the PCI bus, as Linux lists them: hardware may be there without its driver.</summary>
    private static Dictionary<string, object> Adapters()
    {
        const string Bus = "/sys/bus/pci/devices";
        string[] makers = Directory.Exists(Bus)
            ? [.. Directory.GetDirectories(Bus).Where(IsAdapter).Select(folder => Maker(ReadLine(folder, "vendor")))]
            : [];
        return new Dictionary<string, object> { ["pci_display_adapters"] = makers.Length > 0 ? string.Join(", ", makers) : "none seen" };
    }

    private static bool IsAdapter(string folder) =>
        ReadLine(folder, "class") is { } kind
            && (kind.StartsWith("0x03", StringComparison.Ordinal) || kind.StartsWith("0x12", StringComparison.Ordinal));

    private static string Maker(string vendor) => vendor switch
    {
        "0x10de" => "NVIDIA",
        "0x1002" => "AMD",
        "0x8086" => "Intel",
        _ => $"vendor {vendor}",
    };

    private static string ReadLine(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }

    private static bool IsThere(string name, out nint library) =>
        NativeLibrary.TryLoad($"lib{name}.so.1", out library) || NativeLibrary.TryLoad($"lib{name}.so", out library);

    private static bool TryLoad(string name, out nint library) => NativeLibrary.TryLoad(name, typeof(Context).Assembly, null, out library);
}
