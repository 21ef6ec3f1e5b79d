using System.Globalization;
using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels;

/// <summary>
/// Runs kernels directly on the machine's cores: the JIT specialises each launch for its kernel struct. With
/// <see cref="Vectorized"/> the hot ops use their vectorised versions instead of the plain kernels.
/// </summary>
public sealed class HostDevice : IDevice
{
    private readonly DeviceScratch _scratch;
    private int _liveBuffers;

    /// <summary>A host device.</summary>
    /// <param name="backend"><see cref="Backend.Simd"/> or, for plain kernels, <see cref="Backend.Cpu"/>.</param>
    /// <param name="threads">Threads to use; 0 means one per core.</param>
    /// <param name="vectorBits">Width of the vectors: 512, 256 or 128; 0 means the widest the machine has, or what GPUCAM_SIMD_WIDTH says.</param>
    /// <param name="groups">How to launch group kernels, for tests of these; null, as everywhere else, leaves them out.</param>
    public HostDevice(Backend backend, int threads = 0, int vectorBits = 0, LaunchTable? groups = null)
    {
        Backend = backend;
        PrefersGroups = groups is not null;
        Launches = groups ?? new LaunchTable();
        _scratch = new DeviceScratch(this);
        VectorBits = vectorBits == 0 ? SimdWidth.Choose() : SimdWidth.Choose(vectorBits.ToString(CultureInfo.InvariantCulture));
        Threads = new HostThreads(threads);
    }

    /// <summary>The threads that launches run on.</summary>
    public HostThreads Threads { get; }

    /// <summary>Whether ops choose their vectorised versions.</summary>
    public bool Vectorized => Backend == Backend.Simd;

    /// <summary>Width of the vectors that vectorised ops use, in bits.</summary>
    public int VectorBits { get; }

    /// <inheritdoc/>
    public Backend Backend { get; }

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
    public bool PrefersGroups { get; }

    /// <inheritdoc/>
    public int MaxGroupSize => HostGroups.MaxGroupSize;

    /// <inheritdoc/>
    public LaunchTable Launches { get; }

    /// <inheritdoc/>
    public int LiveBuffers => Volatile.Read(ref _liveBuffers) - _scratch.Buffers;

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => new HostBuffer<T>(this, length);

    /// <inheritdoc/>
    public DeviceBuffer<float> Scratch(int length) => _scratch.Get(length);

    /// <inheritdoc/>
    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel =>
        Threads.For(count, (start, end) =>
        {
            TKernel local = kernel;
            for (int i = start; i < end; i++)
                local.Execute(i);
        });

    /// <inheritdoc/>
    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel
    {
        if (groups <= 0)
            return;
        if (groupSize < 1 || groupSize > MaxGroupSize)
            throw new ArgumentOutOfRangeException(nameof(groupSize), $"a group has 1 to {MaxGroupSize} threads here, not {groupSize}");
        HostGroups.Run(Threads, groups, groupSize, kernel);
    }

    /// <summary>Nothing to wait for: launches return when they are done.</summary>
    public void Synchronize()
    {
    }

    /// <summary>Ends the threads. Buffers must have been disposed before.</summary>
    public void Dispose()
    {
        _scratch.Dispose();
        Threads.Dispose();
    }

    internal void BufferAllocated() => Interlocked.Increment(ref _liveBuffers);

    internal void BufferFreed() => Interlocked.Decrement(ref _liveBuffers);
}
