using System.Collections.Concurrent;
using GpuCam.CudaTests.Machine;
using GpuCam.Tests.Kernels;

namespace GpuCam.CudaTests.Devices;

/// <summary>Kernels as the machine executes them, read once.</summary>
internal static class KernelCompiler
{
    private static readonly ConcurrentDictionary<(Type Kernel, bool Fuse), Lazy<PtxKernel>> s_kernels = [];

    /// <summary>What the machine executes for a kernel struct.</summary>
    public static PtxKernel Of(Type kernel, bool fuse) =>
        s_kernels.GetOrAdd((kernel, fuse), _ => new Lazy<PtxKernel>(() => Read(PtxText.Of(kernel), fuse))).Value;

    /// <summary>The only kernel of a text.</summary>
    public static PtxKernel Read(string text, bool fuse) => PtxModule.Parse(text, fuse).Kernels.Values.Single();
}
