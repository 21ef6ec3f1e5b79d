namespace GpuCam.Runner;

/// <summary>
/// Writes files whole or not at all: into a temporary file in the same folder, then renamed over the target. Whoever reads the target finds
/// the old bytes or the new ones, also after a kill at any moment; after a power failure too, for files that are flushed to the disk.
/// </summary>
public static class AtomicFile
{
    /// <summary>How every temporary file ends; no reader of this program takes such a file for a good one.</summary>
    public const string TemporarySuffix = ".gpucam-tmp";

    /// <summary>
    /// Lets <paramref name="write"/> fill the file; missing folders are made. If it throws, the old file stays and nothing else is left.
    /// </summary>
    /// <param name="path">The target.</param>
    /// <param name="write">Fills it.</param>
    /// <param name="flushed">Whether it is flushed to the disk, which takes longer than to draw a picture: for what is not made again
    /// by the same command.</param>
    /// <param name="check">Reads the whole file before it gets its name, and throws where it must not get it.</param>
    /// <exception cref="GpuCamException">The folder or the file cannot be written; the message names it.</exception>
    public static void Write(string path, Action<Stream> write, bool flushed = true, Action<string>? check = null)
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            string folder = Path.GetDirectoryName(full) ?? throw new IOException("it names no file");
            Directory.CreateDirectory(folder);
            // A name nobody else can have: two processes may write the same target, the later rename wins. Without the target's own, which
            // may be as long as a name can be.
            temporary = Path.Combine(folder, $".{Guid.NewGuid():N}{TemporarySuffix}");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushed);
            }

            check?.Invoke(temporary);
            File.Move(temporary, full, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw OutputException.Of($"{path}: cannot be written ({e.Message}); choose a writable folder with space left", e);
        }
        finally
        {
            if (temporary is not null)
            {
                TryDelete(temporary);
            }
        }
    }

    /// <summary>Writes these bytes.</summary>
    /// <exception cref="GpuCamException">The folder or the file cannot be written.</exception>
    public static void WriteAllBytes(string path, byte[] bytes, bool flushed = true) =>
        Write(path, stream => stream.Write(bytes), flushed);

    /// <summary>Writes this text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="GpuCamException">The folder or the file cannot be written.</exception>
    public static void WriteAllText(string path, string text, bool flushed = true) =>
        WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text), flushed);

    /// <summary>Deletes temporary files that a killed process left in the folder. Call it only where no other process writes.</summary>
    public static void DeleteLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(folder, "*" + TemporarySuffix))
        {
            TryDelete(file);
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here tells more than this one would.
        }
    }
}
