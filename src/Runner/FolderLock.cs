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

    /// <summary>Makes the folder and takes it; null if somebody else has it.</summary>
    /// <exception cref="GpuCamException">It cannot be written.</exception>
    public static FolderLock? TryTake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, FileName);
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
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

    /// <summary>
    /// Takes the file away and lets go of the folder. Only for folders whose contents say that they are taken: who opened the file
    /// before may lock it still.
    /// </summary>
    public void Remove()
    {
        File.Delete(_file.Name);
        Dispose();
    }

    /// <summary>Lets go of the folder; the file stays.</summary>
    public void Dispose() => _file.Dispose();
}
