using System.Buffers.Binary;
using System.Text;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Writes a protobuf message field by field, and lies where a test asks for it.</summary>
internal sealed class Proto
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public Proto Int(int field, long value) => Tag(field, 0).Varint((ulong)value);

    public Proto Single(int field, float value)
    {
        byte[] bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Tag(field, 5).Raw(bytes);
    }

    public Proto Double(int field, double value)
    {
        byte[] bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return Tag(field, 1).Raw(bytes);
    }

    public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public Proto Message(int field, Proto message) => Bytes(field, message.ToArray());

    public Proto Bytes(int field, byte[] bytes) => Tag(field, 2).Varint((ulong)bytes.Length).Raw(bytes);

    public Proto Packed(int field, params long[] values)
    {
        var packed = new Proto();
        foreach (long value in values)
        {
            packed.Varint((ulong)value);
        }

        return Message(field, packed);
    }

    public Proto Tag(int field, int wire) => Varint(((ulong)field << 3) | (uint)wire);

    public Proto Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }

    public Proto Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
