using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using static GpuCam.CudaTests.Driver.DeviceCalls;

namespace GpuCam.CudaTests.Driver;

/// <summary>Streams and events. Another context's can be waited for; work goes to those of the current one.</summary>
internal static unsafe class StreamCalls
{
    [UnmanagedCallersOnly]
    public static CudaError cuStreamCreate(nint* stream, uint flags) => CudaDriver.InContext("cuStreamCreate", context =>
    {
        // CU_STREAM_NON_BLOCKING, all that ILGPU makes: the others would wait for the default stream.
        if (flags != 1)
        {
            return CudaError.CUDA_ERROR_NOT_SUPPORTED;
        }

        var made = new DriverStream(context);
        context.Streams.Add(made);
        return Set(stream, CudaDriver.Add(made));
    });

    [UnmanagedCallersOnly]
    public static CudaError cuStreamDestroy_v2(nint stream) => CudaDriver.InContext("cuStreamDestroy_v2", context =>
    {
        if (CudaDriver.Find<DriverStream>(stream) is not { } found)
        {
            return CudaError.CUDA_ERROR_INVALID_HANDLE;
        }

        found.Finish();
        found.Context.Streams.Remove(found);
        CudaDriver.Remove(stream);
        return CudaError.CUDA_SUCCESS;
    }, stream);

    [UnmanagedCallersOnly]
    public static CudaError cuStreamSynchronize(nint stream) => CudaDriver.InContext("cuStreamSynchronize", context =>
    {
        if (CudaDriver.StreamOf(context, stream) is not { } found)
        {
            return CudaError.CUDA_ERROR_INVALID_HANDLE;
        }

        found.Finish();
        return CudaError.CUDA_SUCCESS;
    }, stream);

    [UnmanagedCallersOnly]
    public static CudaError cuEventCreate(nint* made, uint flags) =>
        CudaDriver.InContext("cuEventCreate", context => Set(made, CudaDriver.Add(new DriverEvent(context))));

    [UnmanagedCallersOnly]
    public static CudaError cuEventDestroy_v2(nint gone) => OnEvent("cuEventDestroy_v2", gone, (_, _) =>
    {
        CudaDriver.Remove(gone);
        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuEventRecord(nint recorded, nint stream) => OnEvent("cuEventRecord", recorded, (context, found) =>
    {
        if (CudaDriver.StreamOf(context, stream) is not { } place || place.Context != found.Context)
        {
            return CudaError.CUDA_ERROR_INVALID_HANDLE;
        }

        found.Record(place);
        return CudaError.CUDA_SUCCESS;
    }, stream);

    [UnmanagedCallersOnly]
    public static CudaError cuEventQuery(nint asked) => OnEvent(
        "cuEventQuery", asked, (_, found) => found.IsDone ? CudaError.CUDA_SUCCESS : CudaError.CUDA_ERROR_NOT_READY);

    [UnmanagedCallersOnly]
    public static CudaError cuEventSynchronize(nint awaited) => OnEvent("cuEventSynchronize", awaited, (_, found) =>
    {
        found.Finish();
        return CudaError.CUDA_SUCCESS;
    });

    private static CudaError OnEvent(string name, nint handle, Func<DriverContext, DriverEvent, CudaError> body, nint stream = 0) =>
        CudaDriver.InContext(
            name,
            context => CudaDriver.Find<DriverEvent>(handle) is { } found ? body(context, found) : CudaError.CUDA_ERROR_INVALID_HANDLE,
            stream);
}
