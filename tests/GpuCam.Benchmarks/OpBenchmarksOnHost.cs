using BenchmarkDotNet.Attributes;
using GpuCam.Kernels;
using GpuCam.Kernels.Benchmarks;

namespace GpuCam.Benchmarks;

/// <summary>
/// The ops of <c>gpucam bench</c> under BenchmarkDotNet, for whoever changes one:
/// <c>dotnet run -c Release --project tests/GpuCam.Benchmarks -- --filter '*'</c>. The figures of two ops are comparable within a
/// run only; on a shared machine prefer <c>gpucam bench</c>, which measures the machine's peak beside them.
/// </summary>
[MemoryDiagnoser]
public class OpBenchmarksOnHost : IDisposable
{
    private const int Batch = 16;
    private HostDevice? _device;
    private OpBenchmarks? _benchmarks;
    private Action? _run;

    /// <summary>simd, or cpu for the plain kernels.</summary>
    [Params(Backend.Simd, Backend.Cpu)]
    public Backend Backend { get; set; }

    /// <summary>Name of the op.</summary>
    [ParamsSource(nameof(Names))]
    public string Op { get; set; } = "";

    /// <summary>All ops.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            using var device = new HostDevice(Backend.Simd, 1);
            using var benchmarks = new OpBenchmarks(device, 1, 1);
            return [.. benchmarks.All.Select(op => op.Name)];
        }
    }

    /// <summary>Makes the tensors.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _device = new HostDevice(Backend);
        _benchmarks = new OpBenchmarks(_device, Batch, channels: 1);
        _run = _benchmarks.All.Single(op => op.Name == Op).Run;
    }

    /// <summary>Runs the op once, on 16 images.</summary>
    [Benchmark]
    public void Run() => _run!();

    /// <summary>Frees the tensors.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _benchmarks?.Dispose();
        _device?.Dispose();
        GC.SuppressFinalize(this);
    }
}
