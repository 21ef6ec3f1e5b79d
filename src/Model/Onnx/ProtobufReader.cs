using System.Buffers.Binary;
using System.Text;

namespace GpuCam.Model;

/// <summary>How a field of a protobuf message is written.</summary>
internal enum WireType
{
    /// <summary>Seven bits a byte, the lowest first, at most ten bytes.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little-endian.</summary>
    Fixed64 = 1,

    /// <summary>A length and that many bytes: text, a message, packed numbers.</summary>
    Bytes = 2,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 5,
}

/// <summary>
/// Walks over one protobuf message: <see cref="Next"/> reads a field whole and the properties give it as what it is. No length reaches
/// beyond the message around it. Nested messages are parts of the bytes, walked by readers of their own, so nothing here recurs.
/// Format: protobuf.dev/programming-guides/encoding.
/// </summary>
internal unsafe ref struct ProtobufReader
{
    private const int LongestVarint = 10;

    private readonly ByteRange _message;
    private readonly string _what;
    private readonly byte* _bytes;
    private long _at;
    private ulong _value;
    private ByteRange _content;

    /// <summary>A walk from the start of <paramref name="message"/>.</summary>
    /// <param name="message">The message without its tag and length.</param>
    /// <param name="what">What errors call it, such as <c>tensor 3</c>.</param>
    public ProtobufReader(ByteRange message, string what)
    {
        (_message, _what) = (message, what);
        _bytes = message.Source.Start + message.Start;
    }

    /// <summary>The number of the field just read.</summary>
    public int Field { get; private set; }

    /// <summary>How the field just read is written.</summary>
    public WireType Wire { get; private set; }

    /// <summary>The field as an integer.</summary>
    public readonly long Integer => Is(WireType.Varint) ? (long)_value : default;

    /// <summary>The field as a 32-bit float.</summary>
    public readonly float Single => Is(WireType.Fixed32) ? BitConverter.UInt32BitsToSingle((uint)_value) : default;

    /// <summary>The bits of a field of four or eight bytes.</summary>
    public readonly long Bits => Wire == WireType.Fixed64 ? (long)_value : BitConverter.SingleToUInt32Bits(Single);

    /// <summary>The field as bytes: a message, text, packed numbers.</summary>
    public readonly ByteRange Bytes => Is(WireType.Bytes) ? _content : default;

    /// <summary>The field as text; what is no UTF-8 shows as such.</summary>
    public readonly string Text
    {
        get
        {
            ByteRange bytes = Bytes;
            return bytes.Length <= int.MaxValue
                ? Encoding.UTF8.GetString(bytes.Slice(0, (int)bytes.Length))
                : throw Error($"field {Field}: a text of {bytes.Length} bytes");
        }
    }

    /// <summary>Whether nothing is left.</summary>
    public readonly bool AtEnd => _at == _message.Length;

    /// <summary>Reads the next field; false at the end of the message.</summary>
    public bool Next()
    {
        if (AtEnd)
        {
            return false;
        }

        long tag = Varint();
        if (tag is < 8 or > uint.MaxValue)
        {
            throw Error($"a tag of {tag}");
        }

        (Field, Wire) = ((int)(tag >> 3), (WireType)(tag & 7));
        switch (Wire)
        {
            case WireType.Varint:
                _value = (ulong)Varint();
                break;
            case WireType.Fixed64:
                _value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case WireType.Fixed32:
                _value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            case WireType.Bytes:
                ulong length = (ulong)Varint();
                if (length > (ulong)(_message.Length - _at))
                {
                    throw Error($"field {Field} has a length of {length} where {_message.Length - _at} bytes are left");
                }

                _content = new ByteRange(_message.Source, _message.Start + _at, (long)length);
                _at += (long)length;
                break;
            default:
                throw Error($"field {Field} has wire type {(int)Wire}");
        }

        return true;
    }

    /// <summary>True; an error if the field just read is written otherwise.</summary>
    public readonly bool Is(WireType wire) =>
        Wire == wire ? true : throw Error($"field {Field} has wire type {(int)Wire} in place of {(int)wire}");

    /// <summary>Appends a repeated integer field, packed or not, to <paramref name="values"/>.</summary>
    public readonly void AddIntegers(List<long> values)
    {
        if (Wire != WireType.Bytes)
        {
            values.Add(Integer);
            return;
        }

        var packed = new ProtobufReader(_content, _what);
        while (!packed.AtEnd)
        {
            values.Add(packed.Varint());
        }
    }

    /// <summary>Appends a repeated float field, packed or not, to <paramref name="values"/>.</summary>
    public readonly void AddSingles(List<float> values)
    {
        if (Wire != WireType.Bytes)
        {
            values.Add(Single);
            return;
        }

        if (_content.Length % sizeof(float) != 0)
        {
            throw Error($"field {Field} has packed floats of {_content.Length} bytes");
        }

        for (long i = 0; i < _content.Length; i += sizeof(float))
        {
            values.Add(BinaryPrimitives.ReadSingleLittleEndian(_content.Slice(i, sizeof(float))));
        }
    }

    /// <summary>An error at the place this has come to.</summary>
    public readonly GpuCamException Error(string problem) => Error(_message, _what, _at, problem);

    /// <summary>An error at <paramref name="at"/> of <paramref name="message"/>.</summary>
    public static GpuCamException Error(ByteRange message, string what, long at, string problem) => new(
        $"{message.Source.Name}: {what}: {problem} (offset {message.Start + at}): not an ONNX file, or a damaged one; save or copy it "
            + "again");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _message.Length - _at)
        {
            throw Error($"field {Field} takes {length} bytes where {_message.Length - _at} are left");
        }

        _at += length;
        return new ReadOnlySpan<byte>(_bytes + _at - length, length);
    }

    /// <summary>Reads a number that has no tag of its own, as packed ones have none.</summary>
    public long Varint()
    {
        ulong value = 0;
        for (int i = 0; i < LongestVarint; i++)
        {
            if (AtEnd)
            {
                throw Error("a number that does not end");
            }

            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        throw Error($"a number of more than {LongestVarint} bytes");
    }
}
