using System.Text.Json;
using System.Text.Unicode;

namespace GpuCam.Model;

/// <summary>What a safetensors header says about one tensor; offsets count from the end of the header.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>
/// Parses a safetensors header as strictly as the format's own library: no duplicate, no gap, no overlap, nothing past the end. Like it,
/// takes a <c>__metadata__</c> of null for none and passes over entries of a tensor that it does not know. A type of numbers that it
/// does not know is the trouble of whoever wants them. Every error is a <see cref="GpuCamException"/> with the file, the offset in it and
/// what to do.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes before the header: its length as a little-endian 64-bit integer.</summary>
    public const int PrefixLength = 8;

    private readonly string _file;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<SafetensorsEntry> _entries = [];

    private SafetensorsHeader(string file) => _file = file;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>In the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>The header of <paramref name="file"/>, behind which there are <paramref name="dataLength"/> bytes.</summary>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var header = new SafetensorsHeader(file);
        if (json.IsEmpty || json[0] != '{')
        {
            throw header.Error(0, "the header does not begin with '{'");
        }

        if (!Utf8.IsValid(json))
        {
            throw header.Error(0, "the header is not UTF-8");
        }

        var reader = new Utf8JsonReader(json);
        try
        {
            header.ReadAll(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is what a string with half a surrogate pair gives.
            throw header.Error(reader.BytesConsumed, "the header is not valid JSON", e);
        }

        header.CheckLayout(dataLength);
        return header;
    }

    /// <summary>An error at <paramref name="position"/> of the header.</summary>
    public GpuCamException Error(long position, string what, Exception? cause = null)
    {
        string message =
            $"{_file}: {what} (offset {PrefixLength + position}): not a safetensors file, or a damaged one; save or copy it again";
        return cause is null ? new GpuCamException(message) : new GpuCamException(message, cause);
    }

    private void ReadAll(ref Utf8JsonReader reader)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read();
        while (NextProperty(ref reader) is { } name)
        {
            if (!names.Add(name))
            {
                throw Error(reader.TokenStartIndex, $"'{name}' is there twice");
            }

            reader.Read();
            if (name == "__metadata__" && reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Error(reader.TokenStartIndex, $"'{name}' is not an object");
            }

            if (name == "__metadata__")
            {
                ReadMetadata(ref reader);
            }
            else
            {
                _entries.Add(ReadEntry(ref reader, name));
            }
        }

        // Reads on to the end, so that text behind the object is an error.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (NextProperty(ref reader) is { } key)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Error(reader.TokenStartIndex, $"__metadata__ entry '{key}' is not a string");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Error(reader.TokenStartIndex, $"__metadata__ entry '{key}' is there twice");
            }
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        long start = reader.TokenStartIndex;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        string? typeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (NextProperty(ref reader) is { } key)
        {
            long place = reader.TokenStartIndex;
            if (!keys.Add(key))
            {
                throw Error(place, $"tensor '{name}' has its entry '{key}' twice");
            }

            reader.Read();
            if (key == "dtype")
            {
                typeName = reader.TokenType == JsonTokenType.String
                    ? reader.GetString()
                    : throw Error(place, $"the dtype of tensor '{name}' is not a string");
            }
            else if (key == "shape")
            {
                shape = ReadIntegers(ref reader, $"the shape of tensor '{name}'");
            }
            else if (key == "data_offsets")
            {
                offsets = ReadIntegers(ref reader, $"data_offsets of tensor '{name}'");
            }
            else
            {
                reader.Skip();
            }
        }

        if (typeName is null || shape is null || offsets is null)
        {
            throw Error(start, $"tensor '{name}' lacks dtype, shape or data_offsets");
        }

        if (offsets.Count != 2 || offsets[1] < offsets[0])
        {
            throw Error(start, $"data_offsets of tensor '{name}' are not a begin and an end");
        }

        SafetensorsType type = SafetensorsType.Find(typeName) ?? new SafetensorsType(typeName, null);
        if (type.Bits is { } bits)
        {
            CheckLength(start, $"tensor '{name}' {SafetensorsTensor.Describe(shape)} of {typeName}", Bits(shape, bits), offsets);
        }

        return new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
    }

    private void CheckLength(long position, string tensor, Int128? bits, List<long> offsets)
    {
        if (bits is null)
        {
            throw Error(position, $"{tensor} is too large");
        }

        if (bits % 8 != 0)
        {
            throw Error(position, $"{tensor} takes {bits} bits, which are no whole bytes");
        }

        if (bits / 8 != offsets[1] - offsets[0])
        {
            throw Error(position, $"{tensor} takes {bits / 8} bytes, but its data_offsets span {offsets[1] - offsets[0]}");
        }
    }

    private List<long> ReadIntegers(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Error(reader.TokenStartIndex, $"{what}: not an array");
        }

        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
            {
                throw Error(reader.TokenStartIndex, $"{what}: not an integer of at least 0");
            }

            values.Add(value);
        }

        return values;
    }

    private void CheckLayout(long dataLength)
    {
        _entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long end = 0;
        foreach (SafetensorsEntry entry in _entries)
        {
            if (entry.Begin != end)
            {
                string what = entry.Begin < end ? "overlaps the tensor before it" : $"leaves a gap of {entry.Begin - end} bytes before it";
                throw Error(0, $"tensor '{entry.Name}' at data offset {entry.Begin} {what}");
            }

            end = entry.End;
        }

        if (end != dataLength)
        {
            string last = _entries.Count > 0 ? $"the tensors end at data offset {end} ('{_entries[^1].Name}')" : "there are no tensors";
            throw Error(0, $"{last}, but {dataLength} bytes follow the header");
        }
    }

    /// <summary>Bits of a tensor; null beyond what any file holds.</summary>
    private static Int128? Bits(List<long> shape, int bits)
    {
        Int128 product = bits;
        foreach (long extent in shape)
        {
            product *= extent;
            if (product > long.MaxValue)
            {
                return null;
            }
        }

        return product;
    }

    private static string? NextProperty(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
}
