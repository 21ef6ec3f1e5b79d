using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine;

/// <summary>An entry point of a module.</summary>
public sealed class PtxKernel
{
    internal PtxKernel(string name, IReadOnlyList<int> parameterBytes, int maxThreads, KernelCode code)
    {
        Name = name;
        ParameterBytes = parameterBytes;
        MaxThreads = maxThreads;
        Code = code;
    }

    /// <summary>The name of the entry.</summary>
    public string Name { get; }

    /// <summary>Bytes of each parameter.</summary>
    public IReadOnlyList<int> ParameterBytes { get; }

    /// <summary>Bytes of shared memory that every group has, whatever the launch asks for.</summary>
    public int StaticSharedBytes => Code.Shared.StaticBytes;

    /// <summary>Most threads of a group.</summary>
    public int MaxThreads { get; }

    /// <summary>What is executed.</summary>
    internal KernelCode Code { get; }
}
