using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>A pool of digits in a device's memory, shared by <see cref="DeviceSamples"/> of any size.</summary>
public sealed class DeviceDigits : IDisposable
{
    /// <summary>Copies the pool to the device, once.</summary>
    /// <param name="device">Where samples are to be made.</param>
    /// <param name="pixels">28 * 28 bytes per digit.</param>
    /// <param name="labels">A class per digit.</param>
    /// <param name="grey">The value of each of the 256 grey levels.</param>
    public DeviceDigits(IDevice device, ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels, ReadOnlySpan<float> grey)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        Pixels = Copy(pixels);
        Labels = Copy(labels);
        Grey = Copy(grey);
    }

    /// <summary>Where they are.</summary>
    public IDevice Device { get; }

    internal DeviceBuffer<byte> Pixels { get; }

    internal DeviceBuffer<byte> Labels { get; }

    internal DeviceBuffer<float> Grey { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Pixels.Dispose();
        Labels.Dispose();
        Grey.Dispose();
    }

    private DeviceBuffer<T> Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(values.Length);
        buffer.CopyFrom(values);
        return buffer;
    }
}
