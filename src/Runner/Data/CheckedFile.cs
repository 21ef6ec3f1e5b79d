using System.IO.Compression;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>Checks data files and puts them in place: nothing unchecked ever bears a data file's name.</summary>
internal static class CheckedFile
{
    private const int BlockBytes = 1 << 16;
    private const int PackedExcess = 1024;      // gzip's own bytes, should the data not get smaller

    /// <summary>Null if <paramref name="path"/> is exactly that file, else what is wrong with it.</summary>
    /// <exception cref="GpuCamException">There is no OpenSSL, which a download would need as well.</exception>
    public static string? Fault(string path, DataFile file)
    {
        Sha256.Require();
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length != file.Bytes)
            {
                return $"{path} has {stream.Length} bytes instead of {file.Bytes}";
            }

            string found = Convert.ToHexStringLower(Sha256.Of(stream));
            return found == file.Sha256 ? null : Mismatch(path, found, file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{path} does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read ({e.Message})";
        }
    }

    /// <summary>
    /// Reads <paramref name="source"/>, unpacks it if it is a gzip file, checks length and SHA-256, and only then
    /// writes it to <paramref name="folder"/>, whole or not at all.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not those of the file; the message says how.</exception>
    public static async Task PlaceAsync(
        Stream source, string origin, DataFile file, string folder, TimeSpan patience, CancellationToken cancellation)
    {
        byte[] bytes = await ReadAsync(source, file.Bytes + PackedExcess, patience, cancellation).ConfigureAwait(false);
        if (IdxFile.IsGzip(bytes))
        {
            bytes = await UnpackAsync(bytes, origin, file, patience, cancellation).ConfigureAwait(false);
        }

        if (bytes.Length > file.Bytes)
        {
            throw new InvalidDataException($"{origin} has more than the {file.Bytes} bytes of {file.Name}");
        }

        if (bytes.Length < file.Bytes)
        {
            throw new InvalidDataException($"{origin} has {bytes.Length} bytes instead of the {file.Bytes} of {file.Name}");
        }

        string found = Convert.ToHexStringLower(Sha256.Of(bytes));
        if (found != file.Sha256)
        {
            throw new InvalidDataException(Mismatch(origin, found, file));
        }

        AtomicFile.WriteAllBytes(Path.Combine(folder, file.Name), bytes);
    }

    private static async Task<byte[]> UnpackAsync(
        byte[] packed, string origin, DataFile file, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            using var unpacked = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            return await ReadAsync(unpacked, file.Bytes, patience, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{origin} has damaged gzip data", e);
        }
    }

    /// <summary>
    /// Reads to the end or to the block that goes beyond <paramref name="limit"/>; waits at most <paramref name="patience"/> for each.
    /// </summary>
    private static async Task<byte[]> ReadAsync(Stream source, long limit, TimeSpan patience, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        byte[] block = new byte[BlockBytes];
        int read;
        do
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timer.CancelAfter(patience);
            read = await source.ReadAsync(block, timer.Token).ConfigureAwait(false);
            bytes.Write(block, 0, read);
        }
        while (read > 0 && bytes.Length <= limit);
        return bytes.ToArray();
    }

    private static string Mismatch(string origin, string found, DataFile file) =>
        $"{origin} has SHA-256 {found} instead of {file.Sha256}";
}
