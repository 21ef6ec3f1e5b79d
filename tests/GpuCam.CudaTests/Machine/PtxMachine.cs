namespace GpuCam.CudaTests.Machine;

/// <summary>Executes kernels, group after group, and finds what they must not do.</summary>
public sealed unsafe class PtxMachine(DeviceMemory memory)
{
    /// <summary>The memory that global addresses are of.</summary>
    public DeviceMemory Memory { get; } = memory;

    /// <summary>Runs <paramref name="kernel"/> to its end.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="grid">Groups.</param>
    /// <param name="block">Threads of a group.</param>
    /// <param name="dynamicSharedBytes">Shared memory of a group beside its static one.</param>
    /// <param name="parameters">A pointer to the bytes of each parameter, as cuLaunchKernel takes them.</param>
    /// <exception cref="MachineFault">The kernel did something wrong.</exception>
    public void Launch(PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, nint* parameters) => throw new NotImplementedException();
}
