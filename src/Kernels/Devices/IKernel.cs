namespace GpuCam.Kernels;

/// <summary>A kernel whose threads do not talk to each other: one thread, one index.</summary>
/// <remarks>
/// Implement it as a <c>readonly struct</c> whose primary constructor lists the named arguments. What a kernel body may
/// contain is what ILGPU can compile: see <c>docs/architecture.md</c>.
/// </remarks>
public interface IKernel
{
    /// <summary>Does the work of thread <paramref name="index"/>, 0 ≤ index &lt; the launch's count.</summary>
    void Execute(int index);
}

/// <summary>
/// A kernel whose threads work in groups, with shared memory and barriers. It must be right for any group size, 1
/// included: loop over a tile with <c>for (i = Group.IdxX; i &lt; tile; i += Group.DimX)</c>.
/// </summary>
public interface IGroupKernel
{
    /// <summary>Bytes of dynamic shared memory that a group needs, for kernels of CUDA alone.</summary>
    static virtual int DynamicBytes => 0;

    /// <summary>Does the work of the thread that <c>Grid.IdxX</c> and <c>Group.IdxX</c> name.</summary>
    void Execute();
}
