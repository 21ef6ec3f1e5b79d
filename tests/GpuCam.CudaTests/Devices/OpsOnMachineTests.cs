using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>What <c>gpucam selftest</c> runs on a CUDA device, with the code that such a device gets, executed and checked.</summary>
public sealed class OpsOnMachineTests
{
    private readonly HashSet<Type> _launched = [];

    [Fact]
    public void Every_op_is_right_in_all_ways_to_launch_it_and_no_kernel_is_left_out()
    {
        OpCase[] grouped = [.. OpCases.Small.Where(one => one.HasGroupKernel)];
        LaunchTable limits = PtxDevice.Limits;
        Check("default", OpCases.Small, () => new PtxDevice(limits));
        Check("fused", OpCases.Small, () => new PtxDevice(limits, fuse: true));
        Check("plain", grouped, () => new PtxDevice(limits, prefersGroups: false));
        Check("groups of 1", grouped, () => new PtxDevice(limits.WithAll(new LaunchRow(1, TileSize.Small, 1))));
        Check("groups of 16", grouped, () => new PtxDevice(limits.WithAll(new LaunchRow(16, TileSize.Narrow, 3))));
        Check("groups of 256", grouped, () => new PtxDevice(limits.WithAll(new LaunchRow(256, TileSize.Wide, 2))));

        Type[] kinds = [typeof(IKernel), typeof(IGroupKernel), typeof(ITiledProduct)];
        IEnumerable<Type> kernels = typeof(IKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && Array.Exists(kinds, type.IsAssignableTo));
        Assert.Empty(kernels.Except(_launched.SelectMany(Parts)));
    }

    private void Check(string variant, IEnumerable<OpCase> cases, Func<PtxDevice> open) =>
        MachineResults.Check(variant, cases, () => MachineResults.Recorded(open(), _launched));

    /// <summary>A kernel's definition and those of its arguments.</summary>
    private static IEnumerable<Type> Parts(Type kernel) =>
        [kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : kernel, .. kernel.GenericTypeArguments.SelectMany(Parts)];
}
