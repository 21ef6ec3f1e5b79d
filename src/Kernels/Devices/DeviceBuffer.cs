using ILGPU;

namespace GpuCam.Kernels;

/// <summary>A stretch of device memory. Dispose it; <see cref="IDevice.LiveBuffers"/> counts those that were not.</summary>
public abstract class DeviceBuffer<T>(IDevice device, int length) : IDisposable
    where T : unmanaged
{
    /// <summary>The device that holds the memory.</summary>
    public IDevice Device { get; } = device;

    /// <summary>Number of elements.</summary>
    public int Length { get; } = length;

    /// <summary>What kernels read and write.</summary>
    public abstract ArrayView<T> View { get; }

    /// <summary>Where the memory begins, for kernels that compute with addresses; on ILGPU devices only.</summary>
    internal virtual long Address => throw new NotSupportedException($"memory of {Device.Description} has no address of a device");

    /// <summary>Copies <paramref name="source"/> to the elements from <paramref name="offset"/> on.</summary>
    public abstract void CopyFrom(ReadOnlySpan<T> source, int offset = 0);

    /// <summary>
    /// Waits for the device, then copies elements from <paramref name="offset"/> on into all of <paramref name="target"/>.
    /// </summary>
    public abstract void CopyTo(Span<T> target, int offset = 0);

    /// <summary>Sets every byte to zero.</summary>
    public abstract void Clear();

    /// <summary>Waits for the device and returns all elements.</summary>
    public T[] ToArray()
    {
        var values = new T[Length];
        CopyTo(values);
        return values;
    }

    /// <summary>Frees the memory; the second call does nothing.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Throws unless there are at least <paramref name="length"/> elements; <paramref name="name"/> is what the op calls the buffer.
    /// </summary>
    internal void Expect(int length, string name)
    {
        if (Length < length)
        {
            throw new ArgumentException($"buffer '{name}' holds {Length} elements, expected {length}");
        }
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Throws unless <paramref name="count"/> elements from <paramref name="offset"/> on lie inside.</summary>
    protected void CheckRange(int offset, int count)
    {
        if (offset < 0 || count > Length - offset)
        {
            throw new ArgumentException($"{count} elements at offset {offset} do not fit a buffer of {Length}");
        }
    }
}
