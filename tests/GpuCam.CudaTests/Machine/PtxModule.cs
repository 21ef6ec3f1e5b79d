using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine;

/// <summary>The kernels of a PTX text.</summary>
public sealed class PtxModule
{
    private PtxModule(IReadOnlyDictionary<string, PtxKernel> kernels) => Kernels = kernels;

    /// <summary>All entry points by their names.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Kernels { get; }

    /// <summary>Reads <paramref name="ptx"/>.</summary>
    /// <param name="ptx">The text.</param>
    /// <param name="fuse">Whether products and their sums are rounded once, as where the driver's compiler fuses them.</param>
    /// <exception cref="MachineFault">Something in it is not known here.</exception>
    public static PtxModule Parse(string ptx, bool fuse = false) =>
        new(new ModuleParser(ptx, fuse).Parse().ToDictionary(kernel => kernel.Name));
}
