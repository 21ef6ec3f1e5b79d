using System.Buffers.Binary;
using System.Globalization;

namespace GpuCam.Model;

/// <summary>
/// Reads safetensors: 8 bytes of little-endian header length, a JSON header, the tensors' bytes. float32 is taken as it is,
/// float64, float16 and bfloat16 are converted; a tensor of another type is listed without its values. Nothing is allocated on a lying
/// header's word.
/// </summary>
public static class SafetensorsReader
{
    /// <summary>Longest header that is read: a network of this kind has one of a few hundred bytes.</summary>
    public const int MaxHeaderLength = 16 << 20;

    private const int ChunkLength = 1 << 16;

    /// <summary>Reads all of <paramref name="stream"/> from its position on.</summary>
    /// <param name="stream">Any stream; one that cannot seek is buffered.</param>
    /// <param name="name">What errors call it: the path, usually.</param>
    /// <exception cref="GpuCamException">The bytes are not a valid safetensors file.</exception>
    public static SafetensorsFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            using var buffered = new MemoryStream();
            stream.CopyTo(buffered);
            buffered.Position = 0;
            return Read(buffered, name);
        }

        long length = stream.Length - stream.Position;
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        if (length < prefix.Length)
        {
            throw new GpuCamException($"{name}: {length} bytes are too few for a safetensors file (offset 0): give another file");
        }

        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long limit = Math.Min(MaxHeaderLength, length - prefix.Length);
        if (headerLength > (ulong)limit)
        {
            throw new GpuCamException(
                $"{name}: a header of {headerLength} bytes (offset 0), of which at most {limit} are possible: not a safetensors file, or "
                    + "a truncated one; save or copy it again");
        }

        byte[] json = new byte[(int)headerLength];
        stream.ReadExactly(json);
        var header = SafetensorsHeader.Parse(json, length - prefix.Length - json.Length, name);
        long start = stream.Position;
        var tensors = new SafetensorsTensor[header.Entries.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            stream.Position = start + header.Entries[i].Begin;
            tensors[i] = ReadTensor(stream, header.Entries[i], name);
        }

        return new SafetensorsFile(name, header.Metadata, tensors);
    }

    private static SafetensorsTensor ReadTensor(Stream stream, SafetensorsEntry entry, string file)
    {
        string? obstacle = null;
        float[] values = [];
        if (!entry.Type.IsReadable)
        {
            obstacle = $"has dtype {entry.Type.Name}: save it as one of {string.Join(", ", SafetensorsType.Readable)}";
        }
        else if (entry.End - entry.Begin > (long)Array.MaxLength * entry.Type.Bits / 8)
        {
            obstacle = $"{SafetensorsTensor.Describe(entry.Shape)} is larger than an array: give a file of this network";
        }
        else
        {
            values = ReadValues(stream, entry, out obstacle);
        }

        return new SafetensorsTensor(entry.Name, entry.Shape, values)
        {
            Type = entry.Type.Name,
            Obstacle = obstacle is null ? null : $"{file}: tensor '{entry.Name}' {obstacle}",
        };
    }

    private static float[] ReadValues(Stream stream, SafetensorsEntry entry, out string? obstacle)
    {
        int size = entry.Type.Bits!.Value / 8;
        float[] values = new float[(entry.End - entry.Begin) / size];
        byte[] chunk = new byte[Math.Min(ChunkLength, entry.End - entry.Begin)];
        obstacle = null;
        for (int done = 0; done < values.Length;)
        {
            int count = Math.Min(values.Length - done, chunk.Length / size);
            Span<byte> bytes = chunk.AsSpan(0, count * size);
            stream.ReadExactly(bytes);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> number = bytes.Slice(i * size, size);
                float value = Convert(number, entry.Type.Name);
                values[done + i] = value;
                if (float.IsInfinity(value) && entry.Type.Name == "F64" && BinaryPrimitives.ReadDoubleLittleEndian(number) is var wide
                    && double.IsFinite(wide))
                {
                    obstacle ??= string.Create(CultureInfo.InvariantCulture,
                        $"has {wide:R} as value {done + i}, too large for float32: save it with values below 3.4e38");
                }
            }

            done += count;
        }

        return values;
    }

    private static float Convert(ReadOnlySpan<byte> bytes, string type) => type switch
    {
        "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
    };
}
