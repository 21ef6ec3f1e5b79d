namespace GpuCam.Kernels;

/// <summary>One device that was found, or one backend that has none.</summary>
/// <param name="Backend">The backend that runs on it.</param>
/// <param name="Index">What <c>--device</c> calls it, counted per backend from 0.</param>
/// <param name="Name">What the driver calls it.</param>
/// <param name="Available">Whether <see cref="DeviceCatalog.Create"/> can open it.</param>
/// <param name="Reason">Why it is not available, and what to do; null if it is.</param>
public sealed record DeviceInfo(Backend Backend, int Index, string Name, bool Available, string? Reason)
{
    /// <summary>
    /// What the driver says of the device, or what was found where the driver should be: numbers, and text. Names are in snake case and
    /// end in the unit, if there is one.
    /// </summary>
    public IReadOnlyDictionary<string, object> Facts { get; init; } = new Dictionary<string, object>();
}
