namespace GpuCam.Kernels;

/// <summary>What a device compiled.</summary>
/// <param name="Kernels">Number of kernels.</param>
/// <param name="Time">What that took.</param>
public readonly record struct KernelCompilation(int Kernels, TimeSpan Time)
{
    /// <summary>What was compiled between two looks at <see cref="IDevice.Compiled"/>.</summary>
    public static KernelCompilation operator -(KernelCompilation after, KernelCompilation before) =>
        new(after.Kernels - before.Kernels, after.Time - before.Time);
}
