using GpuCam.Kernels;

namespace GpuCam.Tests.Model;

/// <summary>Counts allocations. Buffers belong to the device inside, so that ops run on it as they always do.</summary>
internal sealed class CountingDevice(IDevice inner) : IDevice
{
    public int Allocations { get; private set; }

    public Backend Backend => inner.Backend;

    public string Description => inner.Description;

    public bool PrefersGroups => inner.PrefersGroups;

    public int MaxGroupSize => inner.MaxGroupSize;

    public Precision Precision => inner.Precision;

    public LaunchTable Launches => inner.Launches;

    public int LiveBuffers => inner.LiveBuffers;

    public KernelCompilation Compiled => inner.Compiled;

    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged
    {
        Allocations++;
        return inner.Allocate<T>(length);
    }

    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged
    {
        Allocations++;
        return inner.CreateUpload<T>(length);
    }

    public StagingBuffer CreateStaging(int length) => inner.CreateStaging(length);

    public DeviceBuffer<float> Scratch(int length) => inner.Scratch(length);

    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel => inner.Launch(count, kernel);

    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel =>
        inner.LaunchGroups(groups, groupSize, kernel);

    public void Synchronize() => inner.Synchronize();

    public void Dispose()
    {
    }
}
