using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine;

/// <summary>The kernels of a PTX text.</summary>
public sealed class PtxModule
{
    private PtxModule(IReadOnlyDictionary<string, PtxKernel> kernels) => Kernels = kernels;

    /// <summary>All entry points by their names.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Kernels { get; }

    /// <summary>Reads <paramref name="ptx"/>.</summary>
    /// <exception cref="MachineFault">Something in it is not known here.</exception>
    public static PtxModule Parse(string ptx) => new(new ModuleParser(ptx).Parse().ToDictionary(kernel => kernel.Name));
}
