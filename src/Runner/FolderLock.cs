namespace GpuCam.Runner;

/// <summary>
/// A folder that one process alone writes to. The operating system holds the lock, so it ends with the process, whatever ends that.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The empty file that is locked.</summary>
    public const string FileName = ".gpucam.lock";

    // What opening a file says that somebody else has locked: EAGAIN on Linux and macOS, ERROR_SHARING_VIOLATION.
    private static readonly int[] s_held = [11, 35, unchecked((int)0x80070020)];
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Makes the folder and takes it.</summary>
    /// <exception cref="GpuCamException">It cannot be written, or somebody else has it.</exception>
    public static FolderLock Take(string folder) => TryTake(folder)
        ?? throw new GpuCamException($"{folder}: another gpucam is writing there; wait until it has ended, or give another --out");

    /// <summary>Makes the folder and takes it; null if somebody else has it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="stays">
    /// For folders that others go on with: the file stays when the lock ends. A file that is taken away might still be locked by who opened
    /// it before, beside a third who made it anew.
    /// </param>
    /// <exception cref="GpuCamException">It cannot be written.</exception>
    public static FolderLock? TryTake(string folder, bool stays = false)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, FileName);
            FileOptions end = stays ? FileOptions.None : FileOptions.DeleteOnClose;
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, end));
        }
        catch (IOException e) when (s_held.Contains(e.HResult))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputException.Of(
                $"the output folder {folder} cannot be written ({e.Message.TrimEnd('.')}); give another --out", e);
        }
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _file.Dispose();
}
