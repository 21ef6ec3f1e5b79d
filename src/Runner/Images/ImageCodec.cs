namespace GpuCam.Runner.Images;

/// <summary>The codec of this build (its other half lies in Portable/ or ImageSharp/, whichever is compiled), and files.</summary>
public static partial class ImageCodec
{
    /// <summary>Reads the image file at the path, whatever its extension says.</summary>
    /// <exception cref="GpuCamException">There is no such file, it may not be read, or <see cref="IImageCodec.Read"/> fails.</exception>
    public static Image8 ReadFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Default.Read(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GpuCamException($"{path}: there is no such file; check the path", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string what = Directory.Exists(path)
                ? "is a folder, not an image; name a file in it"
                : $"cannot be read ({e.Message}); check its permissions";
            throw new GpuCamException($"{path}: {what}", e);
        }
    }

    /// <summary>Writes a PNG file: whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="GpuCamException">The folder cannot be written.</exception>
    public static void WritePngFile(string path, Image8 image) => AtomicFile.Write(path, stream => Default.WritePng(image, stream));

    /// <summary>The rest of the stream, with a limit, so that an endless one ends in an error.</summary>
    internal static byte[] ReadAll(Stream stream, string name)
    {
        long expected = stream.CanSeek ? stream.Length - stream.Position : 0;
        using var bytes = new MemoryStream((int)Math.Clamp(expected, 0, ImageLimits.MaxFileBytes));
        byte[] buffer = new byte[81920];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            if (bytes.Length + read > ImageLimits.MaxFileBytes)
            {
                throw new GpuCamException($"{name}: the file is longer than {ImageLimits.MaxFileBytes} bytes; scale the image down");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }
}
