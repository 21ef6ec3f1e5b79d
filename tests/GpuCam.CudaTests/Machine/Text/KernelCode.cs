using GpuCam.CudaTests.Machine.Instructions;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>A kernel, decoded: what every group of every launch shares.</summary>
internal sealed class KernelCode
{
    /// <summary>All instructions in their order; a branch goes to an index.</summary>
    public required Instruction[] Instructions { get; init; }

    /// <summary>The registers and constants of a warp.</summary>
    public required RegisterLayout Registers { get; init; }

    /// <summary>The arrays in shared memory.</summary>
    public required SharedLayout Shared { get; init; }

    /// <summary>Bytes of local memory of a thread.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>Where each parameter lies in the parameters' memory.</summary>
    public required IReadOnlyList<int> ParameterOffsets { get; init; }

    /// <summary>Bytes of all parameters.</summary>
    public required int ParameterBytes { get; init; }
}
