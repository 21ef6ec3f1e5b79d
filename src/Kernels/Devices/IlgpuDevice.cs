using System.Diagnostics;
using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;

namespace GpuCam.Kernels;

/// <summary>
/// Runs kernels on an ILGPU accelerator. A kernel is compiled at its first launch and kept; launches go to one stream,
/// so they run in order. Batches are copied on a second one, beside the launches (<see cref="IlgpuUpload{T}"/>).
/// </summary>
internal sealed class IlgpuDevice : IDevice
{
    /// <summary>Threads per group where a kernel names none: enough groups for all multiprocessors even if there are few threads.</summary>
    private const int PlainGroup = 128;

    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly Dictionary<Type, Delegate> _launchers = [];
    private AcceleratorStream? _uploadStream;
    private readonly DeviceScratch _scratch;
    private int _liveBuffers;
    private bool _failed;

    /// <summary>
    /// Opens <paramref name="device"/>, with <paramref name="launches"/> or what suits its limits; a <see cref="GpuCamException"/> says
    /// why it does not open. It must be one that can round to <paramref name="precision"/>.
    /// </summary>
    public IlgpuDevice(
        Backend backend, bool isGpu, Device device, LaunchTable? launches = null, Precision precision = Precision.Float32)
    {
        Backend = backend;
        Precision = precision;
        PrefersGroups = isGpu;
        Launches = launches ?? (isGpu ? LaunchFile.Apply(Limits(device)) : Limits(device));
        _scratch = new DeviceScratch(this);
        Description = Describe(device);

        // O2 gives loads and stores their address space; Fast32BitOnly keeps floats 32 bits wide. Profiling allows events, and
        // would slow OpenCL's queues down.
        _context = Context.Create(builder =>
        {
            builder.EnableAlgorithms().Optimize(OptimizationLevel.O2).Math(MathMode.Fast32BitOnly);
            if (device.AcceleratorType != AcceleratorType.OpenCL)
            {
                builder.Profiling();
            }
        });
        try
        {
            _accelerator = device.CreateAccelerator(_context);
        }
        catch (Exception e) when (
            e is AcceleratorException or NotSupportedException or CapabilityNotSupportedException or DllNotFoundException)
        {
            _context.Dispose();
            throw new GpuCamException($"{Description} does not open: {e.Message}", e);
        }
    }

    public Backend Backend { get; }

    public Precision Precision { get; }

    public string Description { get; }

    public bool PrefersGroups { get; }

    public int MaxGroupSize => _accelerator.MaxNumThreadsPerGroup;

    /// <summary>Tests set it: kernels are compiled once per device, whatever the table, and that takes long.</summary>
    public LaunchTable Launches { get; internal set; }

    public int LiveBuffers => Volatile.Read(ref _liveBuffers) - _scratch.Buffers;

    public KernelCompilation Compiled { get; private set; }

    internal bool IsCuda => _accelerator.AcceleratorType == AcceleratorType.Cuda;

    /// <summary>The stream for copies that run beside the launches.</summary>
    internal AcceleratorStream UploadStream => _uploadStream ??= _accelerator.CreateStream();

    public static string Describe(Device device) => device.AcceleratorType == AcceleratorType.CPU
        ? $"ILGPU CPU accelerator, {(device.NumMultiprocessors == 1 ? "1 thread" : $"{device.NumMultiprocessors} threads")}"
        : $"{device.Name.Trim()}, {device.MemorySize / (double)(1 << 30):F1} GiB, {device.NumMultiprocessors} multiprocessors";

    /// <summary>What the device can do, with no row set.</summary>
    public static LaunchTable Limits(Device device) => new()
    {
        MaxGroupSize = device.MaxNumThreadsPerGroup,
        SharedMemory = device.MaxSharedMemoryPerGroup,
        Multiprocessors = device.NumMultiprocessors,
    };

    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => AllocateMemory<T>(length);

    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged
    {
        IlgpuBuffer<T> first = AllocateMemory<T>(length), second = AllocateMemory<T>(length);
        return new IlgpuUpload<T>(this, LockMemory<T>(length), first, second);
    }

    public StagingBuffer CreateStaging(int length) => new IlgpuStaging(this, LockMemory<float>(length));

    public DeviceBuffer<float> Scratch(int length) => _scratch.Get(length);

    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel
    {
        if (count <= 0)
        {
            return;
        }

        if (!_launchers.TryGetValue(typeof(TKernel), out Delegate? launcher))
        {
            _launchers[typeof(TKernel)] = launcher = Compile<TKernel, Action<AcceleratorStream, Index1D, TKernel>>(
                EntryPointDescription.FromImplicitlyGroupedKernel,
                code => _accelerator.LoadImplicitlyGroupedKernel(
                    code, _accelerator.AcceleratorType == AcceleratorType.CPU ? 1 : Math.Min(PlainGroup, MaxGroupSize)));
        }

        ((Action<AcceleratorStream, Index1D, TKernel>)launcher)(_accelerator.DefaultStream, count, kernel);
    }

    /// <summary>A group larger than <see cref="MaxGroupSize"/> is cut to it: group kernels are right for any size.</summary>
    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel
    {
        if (groups <= 0)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        if (!_launchers.TryGetValue(typeof(TKernel), out Delegate? launcher))
        {
            _launchers[typeof(TKernel)] = launcher = Compile<TKernel, Action<AcceleratorStream, KernelConfig, TKernel>>(
                EntryPointDescription.FromExplicitlyGroupedKernel, _accelerator.LoadKernel);
        }

        int bytes = TKernel.DynamicBytes;
        var config = new KernelConfig(
            groups, Math.Min(groupSize, MaxGroupSize), bytes == 0 ? default : SharedMemoryConfig.RequestDynamic<byte>(bytes));
        ((Action<AcceleratorStream, KernelConfig, TKernel>)launcher)(_accelerator.DefaultStream, config, kernel);
    }

    public void Synchronize() => _accelerator.Synchronize();

    public void Dispose()
    {
        if (_failed)
        {
            // ILGPU frees all that it ever began to make, and throws where there is nothing to free; for what was collected it does not.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        _scratch.Dispose();
        Release(() => _uploadStream?.Dispose());
        Release(_accelerator.Dispose);
        _context.Dispose();
    }

    /// <summary>
    /// Frees what belongs to the device. One that is lost, after an error in a kernel, has nothing more to free, and says so in every call:
    /// the first one counts, and is under way as an exception.
    /// </summary>
    internal static void Release(Action free)
    {
        try
        {
            free();
        }
        catch (AcceleratorException)
        {
        }
    }

    internal void BufferAllocated() => Interlocked.Increment(ref _liveBuffers);

    internal void BufferFreed() => Interlocked.Decrement(ref _liveBuffers);

    /// <summary>
    /// A mark behind all launches made so far, to wait for. Null where ILGPU's marks wait for themselves (OpenCL): there the
    /// launches have ended when this returns.
    /// </summary>
    internal ProfilingMarker? MarkCompute()
    {
        if (_accelerator.AcceleratorType != AcceleratorType.OpenCL)
        {
            return _accelerator.DefaultStream.AddProfilingMarker();
        }

        _accelerator.DefaultStream.Synchronize();
        return null;
    }

    private IlgpuBuffer<T> AllocateMemory<T>(int length) where T : unmanaged =>
        new(this, Make<T, MemoryBuffer1D<T, Stride1D.Dense>>(length, () => _accelerator.Allocate1D<T>(length)));

    private PageLockedArray1D<T> LockMemory<T>(int length) where T : unmanaged => Make<T, PageLockedArray1D<T>>(length, () =>
    {
        // ILGPU binds a thread to the device wherever a driver's call asks for it, but here.
        _accelerator.Bind();
        return _accelerator.AllocatePageLocked1D<T>(length, uninitialized: true);
    });

    private TMemory Make<T, TMemory>(int length, Func<TMemory> make) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        try
        {
            return make();
        }
        catch (Exception e) when (e is AcceleratorException or OutOfMemoryException)
        {
            _failed = true;
            double size = (double)length * Interop.SizeOf<T>() / (1 << 20);
            throw new GpuCamException($"{Description}: no room for another {size:F1} MiB ({e.Message}); use a smaller --batch", e);
        }
    }

    private TLauncher Compile<TKernel, TLauncher>(Func<MethodInfo, EntryPointDescription> describe, Func<CompiledKernel, Kernel> load)
        where TLauncher : Delegate
    {
        long start = Stopwatch.GetTimestamp();
        Kernel kernel;
        try
        {
            kernel = IlgpuCompilerLog.Load(
                typeof(TKernel), Description, method => load(PtxMend.Apply(_accelerator.CompileKernel(describe(method)))));
        }
        catch (KernelException)
        {
            _failed = true;
            throw;
        }

        TLauncher launcher = kernel.CreateLauncherDelegate<TLauncher>();
        Compiled = new KernelCompilation(Compiled.Kernels + 1, Compiled.Time + Stopwatch.GetElapsedTime(start));
        return launcher;
    }
}
