using System.Buffers.Binary;
using System.Text.Json;

namespace GpuCam.Model;

/// <summary>
/// Writes safetensors with float32 tensors. The same content gives the same bytes: everything is in ordinal order of names.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a whole file; the tensors' bytes begin at a multiple of 8.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, string> metadata, IEnumerable<SafetensorsTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(metadata);
        SafetensorsTensor[] sorted = [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        byte[] header = Header(metadata, sorted);
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (SafetensorsTensor tensor in sorted)
        {
            byte[] bytes = new byte[tensor.Values.Length * sizeof(float)];
            for (int i = 0; i < tensor.Values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), tensor.Values[i]);
            }

            stream.Write(bytes);
        }
    }

    private static byte[] Header(IReadOnlyDictionary<string, string> metadata, SafetensorsTensor[] tensors)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            for (int i = 0; i < tensors.Length; i++)
            {
                SafetensorsTensor tensor = tensors[i];
                long count = tensor.Shape.Aggregate(1L, (product, extent) => checked(product * extent));
                if (count != tensor.Values.Length)
                {
                    throw new ArgumentException($"tensor '{tensor.Name}' {tensor.ShapeText} has {tensor.Values.Length} values");
                }

                if (tensor.Name == "__metadata__" || (i > 0 && tensors[i - 1].Name == tensor.Name))
                {
                    throw new ArgumentException($"tensor name '{tensor.Name}' is taken");
                }

                WriteEntry(json, tensor, offset);
                offset += count * sizeof(float);
            }

            json.WriteEndObject();
        }

        while ((buffer.Length + SafetensorsHeader.PrefixLength) % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsTensor tensor, long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", "F32");
        json.WriteStartArray("shape");
        foreach (long extent in tensor.Shape)
        {
            json.WriteNumberValue(extent);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + ((long)tensor.Values.Length * sizeof(float)));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
