using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCam.Runner.Reports;

/// <summary>
/// NumPy's array file, format 1.0: magic, version, header length, a Python dictionary padded with blanks to a multiple of 64
/// bytes, then the values: little-endian float32 in C order. <c>numpy.load</c> reads it.
/// </summary>
public static class Npy
{
    private const int Alignment = 64;
    private const int PrefixLength = 10;
    private const int ChunkLength = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Writes one array; the product of the shape is the number of values.</summary>
    /// <exception cref="GpuCamException">Shape and values disagree.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values, int[] shape)
    {
        long count = shape.Aggregate(1L, (product, side) => product * side);
        if (count != values.Length || shape.Any(side => side < 0))
        {
            throw new GpuCamException($"an array of shape ({string.Join(", ", shape)}) does not hold {values.Length} values");
        }

        string sides = string.Join(", ", shape.Select(side => side.ToString(CultureInfo.InvariantCulture)));
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides}{(shape.Length == 1 ? "," : "")}), }}";
        int total = (PrefixLength + header.Length + 1 + Alignment - 1) / Alignment * Alignment;

        byte[] prefix = new byte[total];
        Magic.CopyTo(prefix);
        BinaryPrimitives.WriteUInt16LittleEndian(prefix.AsSpan(8), (ushort)(total - PrefixLength));
        prefix.AsSpan(PrefixLength).Fill((byte)' ');
        Encoding.ASCII.GetBytes(header, prefix.AsSpan(PrefixLength));
        prefix[^1] = (byte)'\n';
        stream.Write(prefix);

        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        stream.Write(bytes);
    }

    /// <summary>Writes one array to a file: whole or not at all.</summary>
    /// <exception cref="GpuCamException">Shape and values disagree, or the file cannot be written.</exception>
    public static void WriteFile(string path, float[] values, int[] shape) =>
        AtomicFile.Write(path, stream => Write(stream, values, shape), flushed: false);

    /// <summary>Reads what <see cref="Write"/> writes: format 1.0, '&lt;f4', C order.</summary>
    /// <exception cref="GpuCamException">No such file, another kind of array, or one cut short.</exception>
    public static (float[] Values, int[] Shape) Read(Stream stream, string nameForErrors)
    {
        string header = ReadHeader(stream, nameForErrors);
        if (!header.Contains("'<f4'", StringComparison.Ordinal) || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new GpuCamException($"{nameForErrors}: only float32 in C order is read, this is {header.Trim()}; "
                + "save it as array.astype('<f4')");
        }

        int[] shape = ReadShape(header, nameForErrors);
        long count = shape.Aggregate(1L, (product, side) => product * side);
        if (BitConverter.IsLittleEndian && stream.CanSeek && stream.Length - stream.Position >= count * sizeof(float))
        {
            float[] whole = GC.AllocateUninitializedArray<float>((int)count);
            stream.ReadExactly(MemoryMarshal.AsBytes(whole.AsSpan()));
            return (whole, shape);
        }

        // Grows with what is really there, so a header that lies takes no memory.
        var values = new List<float>();
        byte[] buffer = new byte[ChunkLength];
        while (values.Count < count)
        {
            int wanted = (int)Math.Min(ChunkLength, sizeof(float) * (count - values.Count));
            int got = stream.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            for (int at = 0; at + sizeof(float) <= got; at += sizeof(float))
            {
                values.Add(BinaryPrimitives.ReadSingleLittleEndian(buffer.AsSpan(at)));
            }

            if (got < wanted)
            {
                throw new GpuCamException($"{nameForErrors}: the file ends after {values.Count} of {count} values; get or make it again");
            }
        }

        return (values.ToArray(), shape);
    }

    /// <summary>Reads one array from a file.</summary>
    /// <exception cref="GpuCamException">As <see cref="Read"/>, or the file cannot be read.</exception>
    public static (float[] Values, int[] Shape) ReadFile(string path) => Opened(path, stream => Read(stream, path));

    /// <summary>Reads one array of '&lt;f4' or '&lt;f8' from a file of format 1.0, C order.</summary>
    /// <exception cref="GpuCamException">No such file, another kind of array, or one cut short.</exception>
    public static (double[] Values, int[] Shape) ReadDoublesFile(string path) => Opened(path, stream =>
    {
        string header = ReadHeader(stream, path);
        bool single = header.Contains("'<f4'", StringComparison.Ordinal);
        if (!(single || header.Contains("'<f8'", StringComparison.Ordinal))
            || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new GpuCamException($"{path}: only float32 and float64 in C order are read, this is {header.Trim()}; "
                + "save it as numpy.ascontiguousarray(array, '<f4')");
        }

        int[] shape = ReadShape(header, path);
        long count = shape.Aggregate(1L, (product, side) => product * side), left = stream.Length - stream.Position;
        int size = single ? sizeof(float) : sizeof(double);
        if (left < count * size)
        {
            throw new GpuCamException($"{path}: the file ends after {left / size} of {count} values; get or make it again");
        }

        byte[] bytes = new byte[count * size];
        stream.ReadExactly(bytes);
        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> at = bytes.AsSpan(i * size);
            values[i] = single ? BinaryPrimitives.ReadSingleLittleEndian(at) : BinaryPrimitives.ReadDoubleLittleEndian(at);
        }

        return (values, shape);
    });

    private static T Opened<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); give a readable file", e);
        }
    }

    private static string ReadHeader(Stream stream, string name)
    {
        byte[] prefix = new byte[PrefixLength];
        if (stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false) < PrefixLength || !prefix.AsSpan().StartsWith(Magic))
        {
            throw new GpuCamException($"{name}: this is no NumPy file of format 1.0; write it with numpy.save");
        }

        byte[] text = new byte[BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(8))];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
        {
            throw new GpuCamException($"{name}: the file ends within its header of {text.Length} bytes; get or make it again");
        }

        return Encoding.Latin1.GetString(text);
    }

    private static int ParseSide(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : -1;

    private static int[] ReadShape(string header, string name)
    {
        int open = header.IndexOf("'shape': (", StringComparison.Ordinal);
        int close = open < 0 ? -1 : header.IndexOf(')', open);
        if (close > 0)
        {
            string[] sides = header[(open + 10)..close].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            int[] shape = Array.ConvertAll(sides, ParseSide);
            if (shape.Length <= 8 && shape.All(side => side >= 0) && shape.Aggregate(1.0, (product, side) => product * side) < int.MaxValue)
            {
                return shape;
            }
        }

        throw new GpuCamException($"{name}: the header has no shape that can be read: {header.Trim()}; save the array again");
    }
}
