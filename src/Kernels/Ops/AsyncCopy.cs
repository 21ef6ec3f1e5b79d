using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Copies from device to shared memory that pass no register and run beside the threads (<c>cp.async</c>, PTX ISA 9.7.9.25), on NVIDIA
/// GPUs since sm_80.
/// </summary>
internal static class AsyncCopy
{
    /// <summary>
    /// Begins to copy 16 bytes from <paramref name="first"/> + <paramref name="index"/> * <paramref name="size"/>, the two without a sign;
    /// of them, those behind the first <paramref name="bytes"/> become zeros and are not read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(int to, long first, int index, int size, int bytes) => CudaAsm.Emit(
        "{ .reg .b64 from; mad.wide.u32 from, %2, %3, %1; cp.async.ca.shared.global [%0], [from], 16, %4; }",
        to, first, index, size, bytes);

    /// <summary>Ends a batch of copies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit() => CudaAsm.Emit("cp.async.commit_group;");

    /// <summary>Waits for all of the thread's batches but the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitForAllButOne() => CudaAsm.Emit("cp.async.wait_group 1;");

    /// <summary>Waits for all of the thread's batches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WaitForAll() => CudaAsm.Emit("cp.async.wait_group 0;");
}
