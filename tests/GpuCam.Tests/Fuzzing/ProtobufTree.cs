using System.Buffers.Binary;
using System.Text;

namespace GpuCam.Tests.Fuzzing;

/// <summary>A field of a protobuf message that can be changed: a number, bytes or, where the schema says so, a message.</summary>
internal sealed class ProtobufField
{
    public required int Number { get; set; }

    /// <summary>0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.</summary>
    public required int Wire { get; set; }

    /// <summary>A number of wire 0, 1 or 5.</summary>
    public ulong Value { get; set; }

    /// <summary>What a field of wire 2 holds, unless it is a message.</summary>
    public byte[] Bytes { get; set; } = [];

    public ProtobufMessage? Message { get; set; }

    public string Text
    {
        get => Encoding.UTF8.GetString(Bytes);
        set => Bytes = Encoding.UTF8.GetBytes(value);
    }

    public ProtobufField Clone() =>
        new() { Number = Number, Wire = Wire, Value = Value, Bytes = Bytes, Message = Message?.Clone() };
}

/// <summary>A protobuf message as a tree, written again with lengths that are right whatever was changed.</summary>
internal sealed class ProtobufMessage
{
    public required string Type { get; init; }

    public List<ProtobufField> Fields { get; init; } = [];

    /// <summary>Reads a sound message; <paramref name="messages"/> says which fields hold messages, and of which type.</summary>
    public static ProtobufMessage Parse(
        ReadOnlySpan<byte> bytes, string type, IReadOnlyDictionary<(string Type, int Number), string> messages)
    {
        var message = new ProtobufMessage { Type = type };
        while (bytes.Length > 0)
        {
            ulong tag = Varint(ref bytes);
            var field = new ProtobufField { Number = (int)(tag >> 3), Wire = (int)(tag & 7) };
            message.Fields.Add(field);
            if (field.Wire == 0)
            {
                field.Value = Varint(ref bytes);
                continue;
            }

            int length = field.Wire switch { 1 => 8, 5 => 4, _ => (int)Varint(ref bytes) };
            ReadOnlySpan<byte> body = bytes[..length];
            bytes = bytes[length..];
            if (field.Wire != 2)
            {
                field.Value = length == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(body) : BinaryPrimitives.ReadUInt32LittleEndian(body);
            }
            else if (messages.TryGetValue((type, field.Number), out string? inner))
            {
                field.Message = Parse(body, inner, messages);
            }
            else
            {
                field.Bytes = body.ToArray();
            }
        }

        return message;
    }

    public ProtobufMessage Clone() => new() { Type = Type, Fields = [.. Fields.Select(field => field.Clone())] };

    public byte[] ToArray()
    {
        var stream = new MemoryStream();
        foreach (ProtobufField field in Fields)
        {
            Write(stream, ((ulong)field.Number << 3) | (uint)field.Wire);
            byte[] body = field.Message?.ToArray() ?? field.Bytes;
            switch (field.Wire)
            {
                case 0:
                    Write(stream, field.Value);
                    break;
                case 1:
                    stream.Write(BitConverter.GetBytes(field.Value));
                    break;
                case 5:
                    stream.Write(BitConverter.GetBytes((uint)field.Value));
                    break;
                default:
                    Write(stream, (ulong)body.Length);
                    stream.Write(body);
                    break;
            }
        }

        return stream.ToArray();
    }

    /// <summary>The numbers of a packed field.</summary>
    public static List<ulong> Unpack(ReadOnlySpan<byte> bytes)
    {
        var numbers = new List<ulong>();
        while (bytes.Length > 0)
        {
            numbers.Add(Varint(ref bytes));
        }

        return numbers;
    }

    /// <summary>The bytes of a packed field.</summary>
    public static byte[] Pack(IEnumerable<ulong> numbers)
    {
        var stream = new MemoryStream();
        foreach (ulong number in numbers)
        {
            Write(stream, number);
        }

        return stream.ToArray();
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        int at = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        bytes = bytes[at..];
        return value;
    }

    private static void Write(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
