using System.Globalization;
using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels;

/// <summary>
/// Runs kernels directly on the machine's cores: the JIT specialises each launch for its kernel struct. With
/// <see cref="Vectorized"/> the hot ops use their vectorised versions instead of the plain kernels. Group kernels do not
/// run here: ILGPU gives them their barriers and shared memory on its own accelerators only.
/// </summary>
public class HostDevice : IDevice
{
    private readonly DeviceScratch _scratch;
    private int _liveBuffers;

    /// <summary>A host device.</summary>
    /// <param name="backend"><see cref="Backend.Simd"/> or, for plain kernels, <see cref="Backend.Cpu"/>.</param>
    /// <param name="threads">Threads to use; 0 means one per core.</param>
    /// <param name="vectorBits">Width of the vectors: 512, 256 or 128; 0 means the widest the machine has, or what GPUCAM_SIMD_WIDTH
    /// says.</param>
    /// <param name="ownProcessors">Whether no other process computes on the processors that this one may run on.</param>
    public HostDevice(Backend backend, int threads = 0, int vectorBits = 0, bool ownProcessors = true)
    {
        Backend = backend;
        _scratch = new DeviceScratch(this);
        VectorBits = vectorBits == 0 ? SimdWidth.Choose() : SimdWidth.Choose(vectorBits.ToString(CultureInfo.InvariantCulture));
        Threads = new HostThreads(threads, ownProcessors);
    }

    /// <summary>The threads that launches run on.</summary>
    public HostThreads Threads { get; }

    /// <summary>Whether ops choose their vectorised versions.</summary>
    public bool Vectorized => Backend == Backend.Simd;

    /// <summary>Width of the vectors that vectorised ops use, in bits.</summary>
    public int VectorBits { get; }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <summary>The host rounds no factor.</summary>
    public Precision Precision => Precision.Float32;

    /// <inheritdoc/>
    public string Description
    {
        get
        {
            string threads = Threads.Count == 1 ? "1 thread" : $"{Threads.Count} threads";
            string kernels = Vectorized ? $"Vector{VectorBits}" : "plain kernels";
            return $"host, {threads}, {kernels}";
        }
    }

    /// <inheritdoc/>
    public virtual bool PrefersGroups => false;

    /// <inheritdoc/>
    public virtual int MaxGroupSize => 0;

    /// <inheritdoc/>
    public virtual LaunchTable Launches { get; } = new();

    /// <inheritdoc/>
    public int LiveBuffers => Volatile.Read(ref _liveBuffers) - _scratch.Buffers;

    /// <inheritdoc/>
    public KernelCompilation Compiled => default;

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => new HostBuffer<T>(this, length);

    /// <summary>The memory of another host's buffer as one of this device's: ops on it run here. It must not outlive that buffer.</summary>
    public DeviceBuffer<T> Borrow<T>(HostBuffer<T> owner) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new HostBuffer<T>(this, owner);
    }

    /// <inheritdoc/>
    public StagingBuffer CreateStaging(int length) => new HostStaging(this, length);

    /// <inheritdoc/>
    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged => new HostUpload<T>(this, length);

    /// <inheritdoc/>
    public DeviceBuffer<float> Scratch(int length) => _scratch.Get(length);

    /// <inheritdoc/>
    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel =>
        Threads.For(count, (start, end) =>
        {
            TKernel local = kernel;
            for (int i = start; i < end; i++)
            {
                local.Execute(i);
            }
        });

    /// <inheritdoc/>
    public virtual void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel =>
        throw new NotSupportedException($"{typeof(TKernel).Name} is a group kernel: it runs on an ILGPU device");

    /// <summary>Nothing to wait for: launches return when they are done.</summary>
    public void Synchronize()
    {
    }

    /// <summary>Ends the threads. Buffers must have been disposed before.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the threads.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _scratch.Dispose();
        Threads.Dispose();
    }

    internal void BufferAllocated() => Interlocked.Increment(ref _liveBuffers);

    internal void BufferFreed() => Interlocked.Decrement(ref _liveBuffers);
}
