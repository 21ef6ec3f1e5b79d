using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCam.Model;

/// <summary>
/// Collects the fields of one protobuf message. Numbers of tensors are not copied: arrays are written as they lie, and must stay as they
/// are until <see cref="WriteTo"/>. Format: protobuf.dev/programming-guides/encoding.
/// </summary>
internal sealed class ProtobufWriter
{
    private readonly List<Array> _pieces = [];
    private readonly List<byte> _open = [];
    private long _closed;

    /// <summary>Bytes of the message.</summary>
    public long Length => _closed + _open.Count;

    /// <summary>A whole number.</summary>
    public ProtobufWriter Integer(int field, long value)
    {
        Tag(field, WireType.Varint);
        Varint((ulong)value);
        return this;
    }

    /// <summary>A 32-bit float.</summary>
    public ProtobufWriter Single(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _open.AddRange(bytes);
        return this;
    }

    /// <summary>Text, in UTF-8.</summary>
    public ProtobufWriter Text(int field, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Begin(field, bytes.Length);
        _open.AddRange(bytes);
        return this;
    }

    /// <summary>A message within this one.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter message)
    {
        Begin(field, message.Length);
        if (message._pieces.Count > 0)
        {
            Close();
            _pieces.AddRange(message._pieces);
            _closed += message._closed;
        }

        _open.AddRange(message._open);
        return this;
    }

    /// <summary>Numbers as they lie in memory: of bytes, floats or 64-bit integers.</summary>
    public ProtobufWriter Raw(int field, Array numbers)
    {
        long bytes = Buffer.ByteLength(numbers);
        Begin(field, bytes);
        Close();
        _pieces.Add(numbers);
        _closed += bytes;
        return this;
    }

    /// <summary>Writes the message.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (Array piece in _pieces)
        {
            stream.Write(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(piece), Buffer.ByteLength(piece)));
        }

        stream.Write(CollectionsMarshal.AsSpan(_open));
    }

    private void Begin(int field, long length)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)length);
    }

    private void Close()
    {
        _pieces.Add(_open.ToArray());
        _closed += _open.Count;
        _open.Clear();
    }

    private void Tag(int field, WireType wire) => Varint(((ulong)field << 3) | (uint)wire);

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _open.Add((byte)(value | 0x80));
        }

        _open.Add((byte)value);
    }
}
