namespace GpuCam.Kernels;

/// <summary>
/// Host memory for floats that come from a device and go back while the device works on: page-locked where it copies faster to such.
/// A mark remembers the launches made so far; floats that those write can be had as soon as they are done, whatever was launched after.
/// </summary>
public abstract class StagingBuffer(int length) : IDisposable
{
    /// <summary>Floats that fit.</summary>
    public int Length { get; } = length;

    /// <summary>Where the first float lies. The memory stays there.</summary>
    public abstract nint Address { get; }

    /// <summary>Remembers the launches made so far under a number; what was remembered under it before is forgotten.</summary>
    public abstract void Mark(int number);

    /// <summary>Waits for the launches before a mark.</summary>
    public abstract void Await(int number);

    /// <summary>Copies a tensor to the floats from <paramref name="place"/> on, beside launches, and waits for the copy alone.</summary>
    public abstract void Download(Tensor source, int place);

    /// <summary>Begins to copy floats from <paramref name="place"/> on to all of a tensor, which no launch under way may use.</summary>
    public abstract void Upload(int place, Tensor target);

    /// <summary>Waits for all that <see cref="Upload"/> has begun.</summary>
    public abstract void Finish();

    /// <summary>Where a tensor lies in the memory of CUDA; 0 on other devices.</summary>
    public abstract nint CudaAddress(Tensor tensor);

    /// <summary>Frees the memory; the second call does nothing.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>The floats of a tensor, or for one.</summary>
    protected unsafe Span<float> Place(int first, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return first >= 0 && tensor.Count <= Length - first
            ? new Span<float>((float*)Address + first, tensor.Count)
            : throw new ArgumentOutOfRangeException(nameof(first), $"'{tensor.Name}' does not fit {Length} floats at {first}");
    }
}
