using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Tensors one behind the other in one buffer, so that what is done alike to every element of all of them is one launch. Each begins at
/// a multiple of 64 elements; what lies between is zero. The buffer is made when the first tensor is asked for.
/// </summary>
internal sealed class TensorStretch : IDisposable
{
    private const int Boundary = 64;
    private readonly IReadOnlyList<Shape> _shapes;
    private readonly int[] _offsets;
    private readonly Lazy<DeviceBuffer<float>> _buffer;

    public TensorStretch(IDevice device, IReadOnlyList<Shape> shapes)
    {
        (_shapes, _offsets) = (shapes, new int[shapes.Count]);
        int end = 0;
        for (int i = 0; i < shapes.Count; i++)
        {
            _offsets[i] = end;
            end = Next(end, shapes[i].Count);
        }

        Length = end;
        _buffer = new Lazy<DeviceBuffer<float>>(() =>
        {
            DeviceBuffer<float> buffer = device.Allocate<float>(Math.Max(1, end));
            buffer.Clear();
            return buffer;
        });
    }

    /// <summary>Floats of all, and of what lies between.</summary>
    public int Length { get; }

    /// <summary>Where the tensor at <paramref name="index"/> begins; behind the last one, <see cref="Length"/>.</summary>
    public int OffsetOf(int index) => index < _offsets.Length ? _offsets[index] : Length;

    /// <summary>These floats as a vector.</summary>
    public Tensor Part(RankStretch part) =>
        new(_buffer.Value, part.First, $"floats from {part.First} on", Shape.Vector(part.Count));

    /// <summary>Whether so many elements fit one buffer.</summary>
    public static bool Fits(IEnumerable<Shape> shapes) => shapes.Sum(shape => (long)shape.Count + Boundary) <= int.MaxValue;

    /// <summary>The tensor with the extents at <paramref name="index"/>.</summary>
    public Tensor At(int index, string name) => new(_buffer.Value, _offsets[index], name, _shapes[index]);

    /// <summary>The tensors, and what lies between, as one vector, if they are such a stretch; else null.</summary>
    public static Tensor? Whole(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count == 0)
        {
            return null;
        }

        Tensor first = tensors[0];
        int begin = first.Offset, next = begin;
        foreach (Tensor tensor in tensors)
        {
            if (tensor.Buffer != first.Buffer || tensor.Offset != next)
            {
                return null;
            }

            next = Next(next, tensor.Count);
        }

        int end = tensors[^1].Offset + tensors[^1].Count;
        return new Tensor(first.Buffer, begin, $"{first.Name} and all behind it", Shape.Vector(end - begin));
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        if (_buffer.IsValueCreated)
        {
            _buffer.Value.Dispose();
        }
    }

    private static int Next(int offset, int count) => checked((offset + count + Boundary - 1) / Boundary * Boundary);
}
