namespace GpuCam.Kernels;

/// <summary>ILGPU's Group and Grid exist only on its accelerators: in this build the host runs no group kernels.</summary>
internal static class HostGroups
{
    public static int MaxGroupSize => 0;

    public static void Run<TKernel>(HostThreads threads, int groups, int groupSize, TKernel kernel)
        where TKernel : struct, IGroupKernel =>
        throw new NotSupportedException($"{typeof(TKernel).Name} is a group kernel: it runs on an ILGPU device");
}
