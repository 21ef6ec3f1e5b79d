namespace GpuCam.Kernels;

/// <summary>
/// The whole seam between the ops and the hardware: memory, launches, waiting. Calls come from one thread at a time;
/// launches run in the order they were made.
/// </summary>
public interface IDevice : IDisposable
{
    /// <summary>Which backend this device belongs to.</summary>
    Backend Backend { get; }

    /// <summary>Name and size in one line, for logs: <c>host, 2 threads, Vector512</c>.</summary>
    string Description { get; }

    /// <summary>How the factors of convolutions and linear layers are rounded here.</summary>
    Precision Precision { get; }

    /// <summary>True where tiled group kernels are the fast ones (a GPU).</summary>
    bool PrefersGroups { get; }

    /// <summary>Largest group that <see cref="LaunchGroups"/> takes; 0 where group kernels cannot run.</summary>
    int MaxGroupSize { get; }

    /// <summary>Group sizes, tiles and splits of the ops' group kernels here.</summary>
    LaunchTable Launches { get; }

    /// <summary>Buffers allocated and not yet disposed; tests use it to find leaks.</summary>
    int LiveBuffers { get; }

    /// <summary>Kernels compiled so far, each at its first launch; none where kernels run as they are.</summary>
    KernelCompilation Compiled { get; }

    /// <summary>Allocates uninitialised memory for <paramref name="length"/> ≥ 1 elements.</summary>
    DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged;

    /// <summary>Two such buffers in turn, and the memory from which batches are sent to them.</summary>
    UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged;

    /// <summary>Host memory through which floats come and go beside launches.</summary>
    StagingBuffer CreateStaging(int length);

    /// <summary>
    /// At least <paramref name="length"/> elements that belong to the device, for what an op needs between two launches of its
    /// own: the next call may return the same memory.
    /// </summary>
    DeviceBuffer<float> Scratch(int length);

    /// <summary>Runs <paramref name="kernel"/> for the indices 0 … <paramref name="count"/> - 1; a count of 0 does nothing.</summary>
    void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel;

    /// <summary>Runs <paramref name="kernel"/> in <paramref name="groups"/> groups of <paramref name="groupSize"/> threads.</summary>
    void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel;

    /// <summary>Waits until all launches are done.</summary>
    void Synchronize();
}
