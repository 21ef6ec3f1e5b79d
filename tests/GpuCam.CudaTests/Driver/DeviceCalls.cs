using System.Runtime.InteropServices;
using System.Text;
using ILGPU.Runtime.Cuda;

namespace GpuCam.CudaTests.Driver;

/// <summary>The driver, its device and contexts.</summary>
internal static unsafe class DeviceCalls
{
    private static readonly Dictionary<CudaError, nint> s_texts = [];

    [UnmanagedCallersOnly]
    public static CudaError cuInit(uint flags) =>
        CudaDriver.Call("cuInit", () => flags == 0 ? CudaError.CUDA_SUCCESS : CudaError.CUDA_ERROR_INVALID_VALUE);

    [UnmanagedCallersOnly]
    public static CudaError cuDriverGetVersion(int* version) => CudaDriver.Call("cuDriverGetVersion", () => Set(version, H100.CudaVersion));

    [UnmanagedCallersOnly]
    public static CudaError cuGetErrorString(CudaError error, nint* text) => CudaDriver.Call("cuGetErrorString", () =>
    {
        if (!s_texts.TryGetValue(error, out nint found))
        {
            s_texts[error] = found = Marshal.StringToHGlobalAnsi($"{error}");
        }

        return Set(text, found);
    });

    [UnmanagedCallersOnly]
    public static CudaError cuDeviceGet(int* device, int ordinal) => OnDevice("cuDeviceGet", ordinal, () => Set(device, ordinal));

    [UnmanagedCallersOnly]
    public static CudaError cuDeviceGetCount(int* count) => CudaDriver.Call("cuDeviceGetCount", () => Set(count, 1));

    [UnmanagedCallersOnly]
    public static CudaError cuDeviceGetName(byte* name, int length, int device) => OnDevice("cuDeviceGetName", device, () =>
    {
        Write(H100.Name, name, length);
        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuDeviceTotalMem_v2(long* bytes, int device) =>
        OnDevice("cuDeviceTotalMem_v2", device, () => Set(bytes, H100.Memory));

    [UnmanagedCallersOnly]
    public static CudaError cuDeviceGetAttribute(int* value, int attribute, int device) => OnDevice(
        "cuDeviceGetAttribute", device,
        () => H100.Attribute(attribute) is { } known ? Set(value, known) : CudaError.CUDA_ERROR_INVALID_VALUE);

    [UnmanagedCallersOnly]
    public static CudaError cuCtxCreate_v2(nint* context, uint flags, int device) => OnDevice("cuCtxCreate_v2", device, () =>
    {
        var made = new DriverContext();
        CudaDriver.Contexts.Push(made);
        return Set(context, CudaDriver.Add(made));
    });

    [UnmanagedCallersOnly]
    public static CudaError cuCtxDestroy_v2(nint context) => CudaDriver.Call("cuCtxDestroy_v2", () =>
    {
        if (CudaDriver.Find<DriverContext>(context) is not { } found)
        {
            return CudaError.CUDA_ERROR_INVALID_CONTEXT;
        }

        found.Finish();
        found.IsDestroyed = true;
        CudaDriver.Memory.FreeAll(found);
        CudaDriver.Remove(context);
        if (CudaDriver.Contexts.TryPeek(out DriverContext? current) && current == found)
        {
            CudaDriver.Contexts.Pop();
        }

        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuCtxSetCurrent(nint context) => CudaDriver.Call("cuCtxSetCurrent", () =>
    {
        DriverContext? found = CudaDriver.Find<DriverContext>(context);
        if (context != 0 && found is null)
        {
            return CudaError.CUDA_ERROR_INVALID_CONTEXT;
        }

        CudaDriver.Contexts.TryPop(out _);
        if (found is not null)
        {
            CudaDriver.Contexts.Push(found);
        }

        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuCtxSynchronize() => CudaDriver.InContext("cuCtxSynchronize", context =>
    {
        context.Finish();
        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuCtxGetCacheConfig(int* config) => CudaDriver.InContext("cuCtxGetCacheConfig", _ => Set(config, 0));

    [UnmanagedCallersOnly]
    public static CudaError cuCtxGetSharedMemConfig(int* config) => CudaDriver.InContext("cuCtxGetSharedMemConfig", _ => Set(config, 1));

    /// <summary>Text for C, as much of it as there is room for.</summary>
    public static int Write(string text, byte* target, int length)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        int count = Math.Min(bytes.Length, length - 1);
        bytes.AsSpan(0, count).CopyTo(new Span<byte>(target, length));
        target[count] = 0;
        return count + 1;
    }

    public static CudaError Set<T>(T* target, T value) where T : unmanaged
    {
        *target = value;
        return CudaError.CUDA_SUCCESS;
    }

    private static CudaError OnDevice(string name, int device, Func<CudaError> body) =>
        CudaDriver.Call(name, () => device == 0 ? body() : CudaError.CUDA_ERROR_INVALID_DEVICE);
}
