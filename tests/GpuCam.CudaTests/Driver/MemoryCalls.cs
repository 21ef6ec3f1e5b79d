using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using static GpuCam.CudaTests.Driver.DeviceCalls;

namespace GpuCam.CudaTests.Driver;

/// <summary>
/// Memory, and copies with streams, as the driver's manual describes them (API synchronization behavior): from pageable memory the bytes
/// are taken at once and arrive when it is the stream's turn, to pageable memory the call returns when they are there, and page-locked
/// memory is read and written when it is the stream's turn.
/// </summary>
internal static unsafe class MemoryCalls
{
    private static DriverMemory Memory => CudaDriver.Memory;

    [UnmanagedCallersOnly]
    public static CudaError cuMemGetInfo_v2(long* free, long* total) => CudaDriver.InContext("cuMemGetInfo_v2", _ =>
    {
        Set(total, H100.Memory);
        return Set(free, H100.Memory - Memory.Allocated);
    });

    [UnmanagedCallersOnly]
    public static CudaError cuMemAlloc_v2(nint* address, nint bytes) => CudaDriver.InContext("cuMemAlloc_v2", context =>
    {
        // More than the host can stand for is more than there is.
        const long Most = 8L << 30;
        return bytes <= 0 ? CudaError.CUDA_ERROR_INVALID_VALUE
            : Memory.Allocated + bytes > Most ? CudaError.CUDA_ERROR_OUT_OF_MEMORY
            : Set(address, Memory.Allocate(bytes, context));
    }, bytes: bytes);

    /// <summary>All work is done before: a driver waits here.</summary>
    [UnmanagedCallersOnly]
    public static CudaError cuMemFree_v2(nint address) => CudaDriver.InContext("cuMemFree_v2", context =>
    {
        context.Finish();
        return address == 0 || Memory.Free(address) ? CudaError.CUDA_SUCCESS : CudaError.CUDA_ERROR_INVALID_VALUE;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuMemHostRegister_v2(nint memory, nint bytes, uint flags) => CudaDriver.InContext(
        "cuMemHostRegister_v2",
        context => bytes <= 0 ? CudaError.CUDA_ERROR_INVALID_VALUE
            : Memory.Lock(memory, bytes, context) ? CudaError.CUDA_SUCCESS
            : CudaError.CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
        bytes: bytes);

    [UnmanagedCallersOnly]
    public static CudaError cuMemHostUnregister(nint memory) => CudaDriver.InContext("cuMemHostUnregister", context =>
    {
        long bytes = Memory.Unlock(memory);
        if (bytes > 0 && context.Uses(memory, bytes))
        {
            CudaDriver.Fault($"{bytes} bytes are unlocked while a copy of them is under way");
        }

        return bytes > 0 ? CudaError.CUDA_SUCCESS : CudaError.CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuMemsetD8Async(nint target, byte value, nint bytes, nint stream) =>
        CudaDriver.InContext("cuMemsetD8Async", context =>
        {
            if (CudaDriver.StreamOf(context, stream) is not { } found || !Memory.IsDevice(target))
            {
                return CudaError.CUDA_ERROR_INVALID_VALUE;
            }

            found.Give(() => CudaDriver.Guard(found.Context, "cuMemsetD8Async", () =>
            {
                Memory.Device.Check(target, bytes);
                NativeMemory.Fill((void*)target, (nuint)bytes, value);
            }));
            return CudaError.CUDA_SUCCESS;
        }, stream, bytes);

    [UnmanagedCallersOnly]
    public static CudaError cuMemcpyAsync(nint target, nint source, nint bytes, nint stream)
    {
        (bool from, bool to) = CudaDriver.OnDevice(source, target);
        nint host = from ? target : source;
        bool pageable = from != to && !CudaDriver.IsLocked(host);
        string detail = $"{(from ? "D" : "H")}to{(to ? "D" : "H")}{(pageable ? " pageable" : "")}";
        return CudaDriver.InContext("cuMemcpyAsync", context =>
        {
            if (CudaDriver.StreamOf(context, stream) is not { } found || bytes < 0 || !(from || to))
            {
                return CudaError.CUDA_ERROR_INVALID_VALUE;
            }

            byte[]? taken = pageable && to ? new Span<byte>((void*)source, checked((int)bytes)).ToArray() : null;
            found.Give(() => CudaDriver.Guard(found.Context, $"cuMemcpyAsync {detail}", () => Copy(target, source, bytes, from, to, taken)),
                pageable || from == to ? 0 : host, bytes);
            if (pageable && from)
            {
                found.Finish();
            }

            return CudaError.CUDA_SUCCESS;
        }, stream, bytes, detail);
    }

    private static void Copy(nint target, nint source, long bytes, bool from, bool to, byte[]? taken)
    {
        if (from)
        {
            Memory.Device.Check(source, bytes);
        }

        if (to)
        {
            Memory.Device.Check(target, bytes);
        }

        if (taken is not null)
        {
            taken.CopyTo(new Span<byte>((void*)target, taken.Length));
        }
        else
        {
            Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
        }
    }
}
