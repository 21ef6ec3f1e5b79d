using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuCam.Runner.Data;

/// <summary>
/// Reads IDX files of bytes, the format of MNIST: two zero bytes, the element type (8 = unsigned byte), the number of
/// dimensions, each dimension as a big-endian 32-bit integer, then the elements and nothing else. Anything not exactly so
/// is refused with the path, the offset and what to do.
/// </summary>
public static class IdxFile
{
    private const string Fetch = "fetch the file again (gpucam data get)";
    private const int UnsignedByte = 8;

    /// <summary>Reads images: dimensions count, rows, columns. A name that ends in .gz is unpacked on the way.</summary>
    public static IdxImages ReadImages(string path)
    {
        (int[] extents, byte[] elements) = Read(path, 3, "images");
        return new IdxImages(extents[0], extents[1], extents[2], elements);
    }

    /// <summary>Reads labels: one dimension. A name that ends in .gz is unpacked on the way.</summary>
    public static byte[] ReadLabels(string path) => Read(path, 1, "labels").Elements;

    /// <summary>Whether the bytes begin as a gzip file does.</summary>
    internal static bool IsGzip(ReadOnlySpan<byte> start) => start.Length >= 2 && start[0] == 0x1f && start[1] == 0x8b;

    private static (int[] Extents, byte[] Elements) Read(string path, int dimensions, string what)
    {
        byte[] bytes = ReadBytes(path);
        int header = 4 + 4 * dimensions;
        if (bytes.Length >= 4 && (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UnsignedByte || bytes[3] != dimensions))
        {
            uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            string hint = magic switch
            {
                0x0801 => "this is a file of labels",
                0x0803 => "this is a file of images",
                _ => "this is not such a file",
            };
            throw Bad(path, 0, $"begins with 0x{magic:x8}, but an IDX file of {what} with 0x{0x0800 + dimensions:x8}: {hint}; {Fetch}");
        }

        if (bytes.Length < header)
        {
            throw Bad(path, bytes.Length, $"ends inside the {header}-byte header of an IDX file; {Fetch}");
        }

        int[] extents = new int[dimensions];
        long count = 1;
        for (int i = 0; i < dimensions; i++)
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + 4 * i));
            if (extent is 0 or > int.MaxValue || (count *= extent) > int.MaxValue)
            {
                throw Bad(path, 4 + 4 * i, $"dimension {i + 1} of {dimensions} is {extent}, which no such file has; {Fetch}");
            }

            extents[i] = (int)extent;
        }

        long excess = bytes.Length - header - count;
        if (excess < 0)
        {
            throw Bad(path, bytes.Length, $"ends {-excess} bytes short of the {count} that its header announces; {Fetch}");
        }

        if (excess > 0)
        {
            throw Bad(path, header + count, $"{excess} bytes follow the {count} that its header announces; {Fetch}");
        }

        return (extents, bytes[header..]);
    }

    private static byte[] ReadBytes(string path)
    {
        bool packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (!packed)
            {
                return IsGzip(bytes) ? throw Bad(path, 0, "this is a gzip file without .gz in its name; unpack it, or name it so") : bytes;
            }

            if (!IsGzip(bytes))
            {
                throw Bad(path, 0, "the name says gzip, the first bytes do not; unpacked files have no .gz in their name");
            }

            using var unpacked = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
            return unpacked.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new GpuCamException($"{path}: the gzip data are damaged ({e.Message.TrimEnd('.')}); {Fetch}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); give a readable IDX file", e);
        }
    }

    private static GpuCamException Bad(string path, long offset, string message) => new($"{path}: offset {offset}: {message}");
}

/// <summary>Grey images of one size, byte after byte, row after row, image after image.</summary>
public sealed record IdxImages(int Count, int Rows, int Columns, byte[] Pixels);
