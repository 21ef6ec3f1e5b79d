using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// A tensor of an ONNX file: weights, or the small integers that shapes are made of. Its numbers stay where they are, in the mapped file,
/// until somebody asks for them; they are in C order.
/// </summary>
internal sealed class OnnxTensor
{
    private const int Chunk = 1 << 14;

    private readonly ByteRange _raw;
    private readonly Lazy<byte[]>? _decoded;

    /// <summary>A tensor whose numbers lie as they are, little-endian, in <paramref name="raw"/>.</summary>
    public OnnxTensor(string name, OnnxType type, long[] extents, ByteRange raw)
    {
        (Name, Type, Extents, _raw) = (name, type, extents, raw);
        Count = extents.Aggregate(1L, (product, extent) => product * extent);
    }

    /// <summary>
    /// A tensor whose numbers <paramref name="decode"/> makes when they are wanted; <paramref name="raw"/> says whose file it is.
    /// </summary>
    public OnnxTensor(string name, OnnxType type, long[] extents, ByteRange raw, Func<byte[]> decode)
        : this(name, type, extents, raw) => _decoded = new Lazy<byte[]>(decode);

    /// <summary>Unique among a graph's initializers; empty for an attribute's.</summary>
    public string Name { get; }

    /// <summary>The number format in the file.</summary>
    public OnnxType Type { get; }

    /// <summary>Extents, slowest first; empty for a single number.</summary>
    public IReadOnlyList<long> Extents { get; }

    /// <summary>How many numbers: the extents' product.</summary>
    public long Count { get; }

    /// <summary>The file it lies in, for errors.</summary>
    public string File => _raw.Source.Name;

    /// <summary>What errors call it: <c>tensor 'conv1.weight' [64, 3, 7, 7] of FLOAT</c>.</summary>
    public string Label => $"tensor {OnnxText.Quote(Name)} [{string.Join(", ", Extents)}] of {Type.Text}";

    /// <summary>Fills <paramref name="target"/> with the numbers from <paramref name="start"/> on, as float32.</summary>
    /// <exception cref="GpuCamException">Its type cannot be had as float32, or a double is too large for it.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public void CopyTo(Span<float> target, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - target.Length);
        if (!Type.IsReal && !Type.IsInteger)
        {
            throw Error("cannot be read as float: save it as FLOAT or FLOAT16");
        }

        if (Type == OnnxType.Float && _decoded is null)
        {
            _raw.Read(start * sizeof(float), MemoryMarshal.AsBytes(target));
            return;
        }

        int size = Type.Bits / 8, chunk = Chunk / size;
        Span<byte> buffer = stackalloc byte[Chunk];
        for (int done = 0; done < target.Length; done += chunk)
        {
            Span<float> part = target[done..Math.Min(target.Length, done + chunk)];
            Span<byte> bytes = buffer[..(part.Length * size)];
            Read((start + done) * size, bytes);
            Convert(bytes, part, start + done);
        }
    }

    /// <summary>All numbers of a small tensor, such as a shape, as integers.</summary>
    /// <exception cref="GpuCamException">It holds no integers, or some of 64 bits without sign that are too large.</exception>
    public long[] ToIntegers()
    {
        if (!Type.IsInteger || Count > Array.MaxLength / sizeof(long))
        {
            throw Error("is no small tensor of integers: save it as INT64");
        }

        int size = Type.Bits / 8;
        byte[] bytes = new byte[Count * size];
        Read(0, bytes);
        long[] values = new long[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Integer(bytes.AsSpan(i * size, size));
        }

        return values;
    }

    private void Read(long start, Span<byte> target)
    {
        if (_decoded is null)
        {
            _raw.Read(start, target);
        }
        else
        {
            _decoded.Value.AsSpan((int)start, target.Length).CopyTo(target);
        }
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> target, long first)
    {
        switch (Type)
        {
            case OnnxType.Float:
                bytes.CopyTo(MemoryMarshal.AsBytes(target));
                break;
            case OnnxType.Float16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)halves[i];
                }

                break;
            case OnnxType.BFloat16:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                }

                break;
            case OnnxType.Double:
                ReadOnlySpan<double> wide = MemoryMarshal.Cast<byte, double>(bytes);
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = Narrow(wide[i], first + i);
                }

                break;
            default:
                int size = Type.Bits / 8;
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = Integer(bytes.Slice(i * size, size));
                }

                break;
        }
    }

    private float Narrow(double value, long index)
    {
        float narrow = (float)value;
        return float.IsInfinity(narrow) && double.IsFinite(value)
            ? throw Error(string.Create(CultureInfo.InvariantCulture,
                $"has {value:R} as value {index}, too large for float32: save it with values below 3.4e38"))
            : narrow;
    }

    private long Integer(ReadOnlySpan<byte> bytes) => Type switch
    {
        OnnxType.UInt8 => bytes[0],
        OnnxType.Int8 => (sbyte)bytes[0],
        OnnxType.Bool => bytes[0] == 0 ? 0 : 1,
        OnnxType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        OnnxType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        OnnxType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        OnnxType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes) is <= long.MaxValue and ulong value
            ? (long)value
            : throw Error("has a number beyond 2^63: save it as INT64"),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    private GpuCamException Error(string problem) => new($"{File}: {Label} {problem}");
}
