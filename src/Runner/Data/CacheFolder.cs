namespace GpuCam.Runner.Data;

/// <summary>
/// Where fetched data lie: the folder asked for, else the one that the variable GPUCAM_CACHE names, else <c>data/cache</c>
/// of the repository that the current folder is in, else a folder of the user's.
/// </summary>
public static class CacheFolder
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "GPUCAM_CACHE";

    /// <summary>The folder; it need not exist yet.</summary>
    public static string Locate(string? asked = null)
    {
        if (!string.IsNullOrEmpty(asked))
        {
            return Path.GetFullPath(asked);
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuCam.sln"))
                && File.Exists(Path.Combine(folder.FullName, "data", "sources.json")))
            {
                return Path.Combine(folder.FullName, "data", "cache");
            }
        }

        string user =
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(user.Length > 0 ? user : Path.GetTempPath(), "gpucam", "data");
    }
}
