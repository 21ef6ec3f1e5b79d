namespace GpuCam.Kernels;

/// <summary>A device that is made to launch kernels which it would not choose, so that they are tested where they run.</summary>
/// <param name="Name">Which kernels: <c>plain</c>, <c>groups of 16</c>.</param>
/// <param name="Open">Opens it.</param>
public sealed record DeviceVariant(string Name, Func<IDevice> Open);
