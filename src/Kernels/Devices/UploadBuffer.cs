namespace GpuCam.Kernels;

/// <summary>
/// The way of batches from the host to a device while the device still works on the batch before: fill <see cref="Staging"/>,
/// <see cref="Send"/> it, launch the kernels that read it, and so on. There are two buffers on the device, in turn.
/// </summary>
public abstract class UploadBuffer<T>(int length) : IDisposable
    where T : unmanaged
{
    /// <summary>Elements that fit.</summary>
    public int Length { get; } = length;

    /// <summary>
    /// Host memory for the next batch; page-locked where the device copies faster from such. Free again after each <see cref="Send"/>.
    /// </summary>
    public abstract Span<T> Staging { get; }

    /// <summary>
    /// Copies the first <paramref name="count"/> elements of <see cref="Staging"/> to the device, beside launches that are under way.
    /// Launches made from now on, and before <see cref="Staging"/> is filled again, find them in the buffer returned.
    /// </summary>
    public abstract DeviceBuffer<T> Send(int count);

    /// <summary>Frees all memory; the second call does nothing.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees all memory.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Throws unless <paramref name="count"/> elements fit.</summary>
    protected void CheckCount(int count)
    {
        if (count < 0 || count > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} elements do not fit a staging area of {Length}");
        }
    }
}
