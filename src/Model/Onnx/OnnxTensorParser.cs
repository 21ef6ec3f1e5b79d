using System.Buffers.Binary;

namespace GpuCam.Model;

/// <summary>Reads a <c>TensorProto</c>: its extents are checked against what it holds before anything is taken on its word.</summary>
internal sealed class OnnxTensorParser(OnnxExternalData external)
{
    public const int FloatData = 4, Int32Data = 5, StringData = 6, Int64Data = 7, RawData = 9, DoubleData = 10, UInt64Data = 11;

    private const int Dims = 1, DataType = 2, Segment = 3, NameField = 8, ExternalData = 13, DataLocation = 14;

    /// <summary>The tensor in <paramref name="message"/>.</summary>
    /// <exception cref="GpuCamException">It is damaged, or its extents are not those of its data.</exception>
    public OnnxTensor Parse(ByteRange message, string what)
    {
        var reader = new ProtobufReader(message, what);
        var extents = new List<long>();
        var entries = new List<ByteRange>();
        string name = "";
        OnnxType type = OnnxType.Undefined;
        ByteRange raw = default;
        bool isExternal = false;
        // Numbers in each of the typed fields, and the one piece they lie in if there is but one.
        var typed = new Dictionary<int, (long Count, ByteRange Piece, int Pieces)>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Dims:
                    reader.AddIntegers(extents);
                    break;
                case DataType:
                    type = (OnnxType)reader.Integer;
                    break;
                case NameField:
                    name = reader.Text;
                    break;
                case RawData:
                    raw = reader.Bytes;
                    break;
                case ExternalData:
                    entries.Add(reader.Bytes);
                    break;
                case DataLocation:
                    isExternal = reader.Integer == 1;
                    break;
                case Segment:
                    throw reader.Error("is stored in segments, which no tool writes");
                case FloatData or Int32Data or StringData or Int64Data or DoubleData or UInt64Data:
                    (long count, ByteRange piece, int pieces) = typed.GetValueOrDefault(reader.Field);
                    typed[reader.Field] = (count + CountNumbers(reader), reader.Wire == WireType.Bytes ? reader.Bytes : piece, pieces + 1);
                    break;
            }
        }

        string label = name.Length > 0 ? $"tensor {OnnxText.Quote(name)}" : what;
        long product = Product(message, label, extents, type.Bits);
        long bits = product * type.Bits;
        if (isExternal)
        {
            return new OnnxTensor(name, type, [.. extents], external.Find(message, label, entries, (bits + 7) / 8));
        }

        bool isRaw = raw.Length > 0 || typed.Count == 0;
        if (typed.Count > (isRaw ? 0 : 1))
        {
            throw ProtobufReader.Error(message, label, 0, "has its data twice");
        }

        if (isRaw)
        {
            raw = raw.Source is null ? new ByteRange(message.Source, message.Start, 0) : raw;
            return type.Bits == 0 && product > 0 && raw.Length > 0 || raw.Length == (bits + 7) / 8
                ? new OnnxTensor(name, type, [.. extents], raw)
                : throw Mismatch(message, label, extents, type, $"{raw.Length} bytes", $"{(bits + 7) / 8}");
        }

        int field = type.DataField;
        (long held, ByteRange only, int parts) = typed.GetValueOrDefault(field);
        long wanted = type switch
        {
            OnnxType.Complex64 or OnnxType.Complex128 => 2 * product,
            _ when type.Bits is > 0 and < 8 => (bits + 7) / 8,
            _ => product,
        };
        if (held != wanted)
        {
            throw Mismatch(message, label, extents, type, $"{held} numbers of its type", $"{wanted}");
        }

        return field is FloatData or DoubleData && parts == 1 && only.Source is not null
            ? new OnnxTensor(name, type, [.. extents], only)
            : new OnnxTensor(name, type, [.. extents], message, () => Decode(message, label, type, product));
    }

    private static GpuCamException Mismatch(
        ByteRange message, string label, List<long> extents, OnnxType type, string held, string wanted) => ProtobufReader.Error(
            message, label, 0, $"[{string.Join(", ", extents.Take(16))}] of {type.Text} holds {held} in place of {wanted}");

    private static long Product(ByteRange message, string label, List<long> extents, int bits)
    {
        Int128 product = Math.Max(1, bits);
        foreach (long extent in extents)
        {
            if (extent < 0)
            {
                throw ProtobufReader.Error(message, label, 0, $"has an extent of {extent}");
            }

            product *= Math.Max(1, extent);
            // No zero among them makes a product right that is beyond all memory.
            if (product > long.MaxValue)
            {
                throw ProtobufReader.Error(message, label, 0, $"[{string.Join(", ", extents.Take(16))}] is too large");
            }
        }

        return extents.Contains(0) ? 0 : (long)product / Math.Max(1, bits);
    }

    private static long CountNumbers(ProtobufReader reader)
    {
        if (reader.Field == StringData || reader.Wire != WireType.Bytes)
        {
            reader.Is(reader.Field switch
            {
                StringData => WireType.Bytes,
                FloatData => WireType.Fixed32,
                DoubleData => WireType.Fixed64,
                _ => WireType.Varint,
            });
            return 1;
        }

        int size = reader.Field switch { FloatData => sizeof(float), DoubleData => sizeof(double), _ => 0 };
        if (size > 0)
        {
            return reader.Bytes.Length % size == 0
                ? reader.Bytes.Length / size
                : throw reader.Error($"field {reader.Field} has packed numbers of {reader.Bytes.Length} bytes");
        }

        long count = 0;
        for (var packed = new ProtobufReader(reader.Bytes, "packed numbers"); !packed.AtEnd; packed.Varint())
        {
            count++;
        }

        return count;
    }

    /// <summary>The numbers of a typed field in the width of their type, one after another.</summary>
    private static byte[] Decode(ByteRange message, string label, OnnxType type, long count)
    {
        int size = type.Bits / 8;
        if (count * size > Array.MaxLength)
        {
            throw new GpuCamException($"{message.Source.Name}: {label}: {count} numbers one by one: save it with raw data");
        }

        byte[] numbers = new byte[count * size];
        int at = 0;
        for (var reader = new ProtobufReader(message, label); reader.Next();)
        {
            if (reader.Field != type.DataField)
            {
                continue;
            }

            if (reader.Wire != WireType.Bytes)
            {
                Write(reader, numbers.AsSpan(at, size), reader.Wire == WireType.Varint ? reader.Integer : reader.Bits, type);
                at += size;
            }
            else if (reader.Field is FloatData or DoubleData)
            {
                reader.Bytes.Slice(0, (int)reader.Bytes.Length).CopyTo(numbers.AsSpan(at));
                at += (int)reader.Bytes.Length;
            }
            else
            {
                for (var packed = new ProtobufReader(reader.Bytes, label); !packed.AtEnd; at += size)
                {
                    Write(reader, numbers.AsSpan(at, size), packed.Varint(), type);
                }
            }
        }

        return numbers;
    }

    private static void Write(ProtobufReader reader, Span<byte> target, long value, OnnxType type)
    {
        bool fits = type switch
        {
            OnnxType.UInt8 => value is >= 0 and <= byte.MaxValue,
            OnnxType.Int8 => value is >= sbyte.MinValue and <= sbyte.MaxValue,
            OnnxType.UInt16 or OnnxType.Float16 or OnnxType.BFloat16 => value is >= 0 and <= ushort.MaxValue,
            OnnxType.Int16 => value is >= short.MinValue and <= short.MaxValue,
            OnnxType.Int32 => value is >= int.MinValue and <= int.MaxValue,
            OnnxType.UInt32 => value is >= 0 and <= uint.MaxValue,
            OnnxType.Bool => value is 0 or 1,
            _ => true,
        };
        if (!fits)
        {
            throw reader.Error($"{value} is no {type.Text}");
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..target.Length].CopyTo(target);
    }
}
