using GpuCam.CudaTests.Machine;
using GpuCam.CudaTests.Machine.Memory;
using GpuCam.Kernels;
using GpuCam.Tests.Kernels;

namespace GpuCam.CudaTests.Devices;

/// <summary>
/// A CUDA device whose kernels the machine executes: every op takes the path that it takes on a GPU, with the code that a GPU gets.
/// </summary>
/// <param name="launches">What the ops read limits, tiles and group sizes from.</param>
/// <param name="precision">How factors are rounded.</param>
/// <param name="prefersGroups">False for a device that runs plain kernels by itself.</param>
/// <param name="fuse">Whether products and their sums are rounded once.</param>
/// <param name="spoil">Changes a kernel's PTX before it is executed, to see whether that is found; null leaves it.</param>
public sealed unsafe class PtxDevice(
    LaunchTable launches, Precision precision = Precision.Float32, bool prefersGroups = true, bool fuse = false,
    Func<string, string>? spoil = null) : IDevice
{
    /// <summary>Threads of a group where a kernel names no size, as on a GPU.</summary>
    private const int PlainGroup = 128;

    private readonly PtxMachine _machine = new(new DeviceMemory());
    private DeviceBuffer<float>? _scratch;

    /// <summary>Tells of each launch.</summary>
    public event Action<Type>? Launching;

    /// <summary>Tells of each launch that has ended, and what it asked of memory.</summary>
    public event Action<Type, IReadOnlyCollection<AccessCount>>? Launched;

    /// <summary>The limits of an H100 with four multiprocessors, so that small work fills them.</summary>
    public static LaunchTable Limits { get; } = new() { MaxGroupSize = 1024, SharedMemory = 48 << 10, Multiprocessors = 4 };

    public Backend Backend => Backend.Cuda;

    public string Description => "a machine that executes PTX";

    public Precision Precision { get; } = precision;

    public bool PrefersGroups { get; } = prefersGroups;

    public int MaxGroupSize => 1024;

    public LaunchTable Launches { get; } = launches;

    public int LiveBuffers => Memory.Live - (_scratch is null ? 0 : 1);

    public KernelCompilation Compiled => default;

    /// <summary>Instructions executed so far, each counted once for each thread.</summary>
    public long ThreadInstructions => _machine.ThreadInstructions;

    internal DeviceMemory Memory => _machine.Memory;

    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => new PtxBuffer<T>(this, length);

    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged => new PtxUpload<T>(this, length);

    public StagingBuffer CreateStaging(int length) => throw new NotSupportedException("nothing is copied beside launches here");

    public DeviceBuffer<float> Scratch(int length)
    {
        if (_scratch is null || _scratch.Length < length)
        {
            _scratch?.Dispose();
            _scratch = Allocate<float>(length);
        }

        return _scratch;
    }

    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel
    {
        if (count > 0)
        {
            int groups = (count + PlainGroup - 1) / PlainGroup;
            Launch(typeof(TKernel), groups, PlainGroup, 0, [BitConverter.GetBytes(count), ArgumentBytes.Of(kernel)]);
        }
    }

    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel
    {
        if (groups > 0)
        {
            Launch(typeof(TKernel), groups, Math.Min(groupSize, MaxGroupSize), TKernel.DynamicBytes, [ArgumentBytes.Of(kernel)]);
        }
    }

    public void Synchronize()
    {
    }

    public void Dispose()
    {
        _scratch?.Dispose();
        _scratch = null;
        Memory.Dispose();
    }

    private void Launch(Type kernel, int groups, int groupSize, int dynamicBytes, byte[][] arguments)
    {
        Launching?.Invoke(kernel);
        PtxKernel code = spoil is null
            ? KernelCompiler.Of(kernel, fuse)
            : KernelCompiler.Read(spoil(PtxText.Of(kernel)), fuse);
        if (!arguments.Select(bytes => bytes.Length).SequenceEqual(code.ParameterBytes))
        {
            throw new InvalidOperationException(
                $"{code.Name} has parameters of {string.Join(", ", code.ParameterBytes)} bytes, "
                    + $"not {string.Join(", ", arguments.Select(bytes => bytes.Length))}");
        }

        nint* places = stackalloc nint[arguments.Length];
        int total = arguments.Sum(bytes => bytes.Length);
        byte* copies = stackalloc byte[total];
        for (int i = 0; i < arguments.Length; i++)
        {
            places[i] = (nint)copies;
            arguments[i].CopyTo(new Span<byte>(copies, arguments[i].Length));
            copies += arguments[i].Length;
        }

        _machine.CountsTraffic = Launched is not null;
        _machine.Launch(code, new Dim3(groups), new Dim3(groupSize), dynamicBytes, places);
        Launched?.Invoke(kernel, _machine.LastTraffic);
    }
}
