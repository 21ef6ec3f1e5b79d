using System.Collections.Concurrent;
using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// An ILGPU device for one test, which other tests had before it: what takes long is to compile its kernels, once per device. Buffers
/// belong to the device inside, so that ops run on it as they always do. One that comes back with buffers on it is not lent again.
/// </summary>
internal sealed class SharedDevice : IDevice
{
    private static readonly ConcurrentDictionary<string, ConcurrentBag<IlgpuDevice>> s_idle = [];
    private readonly ConcurrentBag<IlgpuDevice> _home;
    private IlgpuDevice? _inner;

    /// <summary>
    /// Lends an idle device of this kind, or a new one, with <paramref name="launches"/> or its own table; always a new one if
    /// <paramref name="unused"/>.
    /// </summary>
    public SharedDevice(string kind, Func<IlgpuDevice> open, LaunchTable? launches = null, bool unused = false)
    {
        _home = s_idle.GetOrAdd(kind, _ => []);
        _inner = !unused && _home.TryTake(out IlgpuDevice? idle) ? idle : open();
        _inner.Launches = launches ?? _inner.Launches;
    }

    public Backend Backend => Inner.Backend;

    public string Description => Inner.Description;

    public bool PrefersGroups => Inner.PrefersGroups;

    public int MaxGroupSize => Inner.MaxGroupSize;

    public Precision Precision => Inner.Precision;

    public LaunchTable Launches => Inner.Launches;

    public int LiveBuffers => Inner.LiveBuffers;

    public KernelCompilation Compiled => Inner.Compiled;

    private IlgpuDevice Inner => _inner ?? throw new ObjectDisposedException(nameof(SharedDevice));

    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => Inner.Allocate<T>(length);

    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged => Inner.CreateUpload<T>(length);

    public StagingBuffer CreateStaging(int length) => Inner.CreateStaging(length);

    public DeviceBuffer<float> Scratch(int length) => Inner.Scratch(length);

    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel => Inner.Launch(count, kernel);

    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel =>
        Inner.LaunchGroups(groups, groupSize, kernel);

    public void Synchronize() => Inner.Synchronize();

    public void Dispose()
    {
        if (_inner is { LiveBuffers: 0 } clean)
        {
            _home.Add(clean);
        }
        else
        {
            _inner?.Dispose();
        }

        _inner = null;
    }
}
