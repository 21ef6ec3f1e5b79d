namespace GpuCam.Model;

/// <summary>The file of a network that heads are for, and how it is known again.</summary>
/// <param name="Name">What a head's file calls it: its path, or a name under which the program finds it.</param>
/// <param name="File">The file.</param>
/// <param name="Sha256">Of it, in hexadecimal digits.</param>
public sealed record BaseFile(string Name, string File, string Sha256)
{
    /// <summary>That of a path.</summary>
    /// <exception cref="GpuCamException">It is not there.</exception>
    public static BaseFile Of(string path)
    {
        string file = NetworkLoader.FileOf(path);
        return new BaseFile(Path.GetFullPath(file), file, Hash(file));
    }

    /// <summary>The network that a head was trained on: where it is found by its name, at its path, or beside the head.</summary>
    /// <param name="head">The head.</param>
    /// <param name="headFile">Its file.</param>
    /// <param name="find">See <see cref="NetworkRequest.FindBase"/>.</param>
    /// <exception cref="GpuCamException">It is not there, or is another one.</exception>
    public static BaseFile OfHead(HeadFile head, string headFile, Func<string, BaseFile?>? find)
    {
        ArgumentNullException.ThrowIfNull(head);
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(headFile))!, Path.GetFileName(head.Base));
        BaseFile known = find?.Invoke(head.Base)
            ?? (System.IO.File.Exists(head.Base) ? Of(head.Base)
            : System.IO.File.Exists(beside) ? Of(beside)
            : throw new GpuCamException(
                $"{headFile}: it is the head of {head.Base}, which is not there; put that file back, or beside the head"));
        return known.Sha256 == head.BaseSha256 ? known : throw new GpuCamException(
            $"{headFile}: it is the head of a {Path.GetFileName(head.Base)} with SHA-256 {head.BaseSha256}, but that of {known.File} is "
            + $"{known.Sha256}; put the network back that it was trained on, or train a new head");
    }

    private static string Hash(string file)
    {
        try
        {
            using FileStream stream = System.IO.File.OpenRead(file);
            return Convert.ToHexStringLower(Model.Sha256.Of(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NetworkLoader.Unreadable(file, e);
        }
    }
}
