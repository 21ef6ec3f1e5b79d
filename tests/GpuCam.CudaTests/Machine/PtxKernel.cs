namespace GpuCam.CudaTests.Machine;

/// <summary>An entry point of a module.</summary>
public sealed class PtxKernel
{
    /// <summary>The name of the entry.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of each parameter.</summary>
    public required IReadOnlyList<int> ParameterBytes { get; init; }

    /// <summary>Bytes of shared memory that every group has, whatever the launch asks for.</summary>
    public required int StaticSharedBytes { get; init; }

    /// <summary>Most threads of a group.</summary>
    public required int MaxThreads { get; init; }
}
