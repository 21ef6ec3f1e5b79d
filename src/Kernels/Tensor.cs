using ILGPU;

namespace GpuCam.Kernels;

/// <summary>A named, shaped stretch of float32 device memory. Whoever creates a tensor disposes it.</summary>
public sealed class Tensor : IDisposable
{
    private readonly bool _ownsBuffer;

    /// <summary>Allocates a tensor. Its memory is uninitialised: ops overwrite, nothing relies on zeros.</summary>
    public Tensor(IDevice device, string name, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(device);
        Name = name;
        Shape = shape;
        Buffer = device.Allocate<float>(Math.Max(1, shape.Count));
        _ownsBuffer = true;
    }

    /// <summary>A tensor inside a buffer that somebody else owns, from element <paramref name="offset"/> on.</summary>
    public Tensor(DeviceBuffer<float> buffer, int offset, string name, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (offset < 0 || offset + shape.Count > buffer.Length)
        {
            throw new ArgumentException($"tensor '{name}' {shape} at offset {offset} does not fit a buffer of {buffer.Length} elements");
        }

        Name = name;
        Shape = shape;
        Buffer = buffer;
        Offset = offset;
    }

    /// <summary>What errors call this tensor.</summary>
    public string Name { get; }

    /// <summary>Extents, NHWC (see <see cref="Kernels.Shape"/>).</summary>
    public Shape Shape { get; }

    /// <summary>The memory; elements <see cref="Offset"/> to <see cref="Offset"/> + <see cref="Count"/> are this tensor's.</summary>
    public DeviceBuffer<float> Buffer { get; }

    /// <summary>First element in <see cref="Buffer"/>.</summary>
    public int Offset { get; }

    /// <summary>Number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>The device that holds the memory.</summary>
    public IDevice Device => Buffer.Device;

    /// <summary>What kernels read and write.</summary>
    public ArrayView<float> View => Offset == 0 && Count == Buffer.Length ? Buffer.View : Buffer.View.SubView(Offset, Count);

    /// <summary>The first element's address on an ILGPU device.</summary>
    internal long Address => Buffer.Address + ((long)Offset * sizeof(float));

    /// <summary>The first element on a host device; an error on any other and on a disposed buffer.</summary>
    public unsafe float* HostPointer => Buffer.HostPointer() + Offset;

    /// <summary>Copies <paramref name="source"/> (exactly <see cref="Count"/> elements) to the device.</summary>
    public void CopyFrom(ReadOnlySpan<float> source)
    {
        if (source.Length != Count)
        {
            throw new ArgumentException($"tensor '{Name}' {Shape} holds {Count} elements, not {source.Length}");
        }

        Buffer.CopyFrom(source, Offset);
    }

    /// <summary>Waits for the device and copies all elements into <paramref name="target"/>.</summary>
    public void CopyTo(Span<float> target)
    {
        if (target.Length != Count)
        {
            throw new ArgumentException($"tensor '{Name}' {Shape} holds {Count} elements, not {target.Length}");
        }

        Buffer.CopyTo(target, Offset);
    }

    /// <summary>Waits for the device and returns all elements.</summary>
    public float[] ToArray()
    {
        float[] values = new float[Count];
        CopyTo(values);
        return values;
    }

    /// <summary>The same memory under another shape with as many elements, not owned.</summary>
    public Tensor Reshape(Shape shape) =>
        shape.Count == Count
            ? new Tensor(Buffer, Offset, Name, shape)
            : throw new ArgumentException($"tensor '{Name}' {Shape} cannot become {shape}");

    /// <summary>Throws unless the shape is <paramref name="expected"/>; launchers call it on every argument.</summary>
    public void Expect(Shape expected)
    {
        if (Shape != expected)
        {
            throw new ArgumentException($"tensor '{Name}' is {Shape}, expected {expected}");
        }
    }

    /// <summary>Frees the memory if this tensor allocated it.</summary>
    public void Dispose()
    {
        if (_ownsBuffer)
        {
            Buffer.Dispose();
        }
    }
}
