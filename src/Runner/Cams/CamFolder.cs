using System.Text.RegularExpressions;
using GpuCam.Model;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Cams;

/// <summary>
/// The folder that <c>gpucam cam</c> fills, with a folder in it for each picture. What an earlier command left goes before the first file
/// is written, so that at no time a manifest names files of two commands.
/// </summary>
internal sealed partial class CamFolder : IDisposable
{
    /// <summary>A file that was closed this long ago is not about to be renamed by another process.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(2);

    private readonly RankJob _job;
    private readonly string _root;
    private readonly string[] _names;
    private FolderLock? _held;

    /// <param name="job">Whose ranks write there, each its own pictures.</param>
    /// <param name="root">The folder; it need not be there.</param>
    /// <param name="pictures">The picture files; none of them is ever taken for an earlier command's.</param>
    public CamFolder(RankJob job, string root, IReadOnlyList<string> pictures)
    {
        (_job, _root) = (job, root);
        _names = job.OfFirst(() => NamesOf(root, pictures));
    }

    /// <summary>The manifest's path.</summary>
    public string Manifest => Path.Combine(_root, CamReport.ManifestName);

    /// <summary>The path that a manifest names a picture's file by, the same on every system.</summary>
    public string NameOf(int picture, string file) => $"{_names[picture]}/{file}";

    /// <summary>Where a file lies that a manifest names.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>To be called on all ranks before the first file is written.</summary>
    /// <exception cref="GpuCamException">Something old cannot be removed, another process is writing there, or not all ranks see it.
    /// </exception>
    public void Open()
    {
        _job.CheckShared(_root);
        _job.OnFirst(() =>
        {
            _held = FolderLock.Take(_root);
            Delete(Manifest);
            Delete(Path.Combine(_root, CamReport.PageName));
            DeleteTemporary();
        });
    }

    /// <summary>To be called before the first file of a picture is written.</summary>
    /// <exception cref="GpuCamException">Something old cannot be removed.</exception>
    public void Begin(int picture)
    {
        string folder = Path.Combine(_root, _names[picture]);
        foreach (string file in Entries(folder, "*", depth: 0).Where(IsOurs))
        {
            Delete(file);
        }
    }

    /// <summary>Lets others write to the folder.</summary>
    public void Dispose() => _held?.Dispose();

    private static string[] NamesOf(string root, IReadOnlyList<string> pictures)
    {
        var inUse = pictures.Select(FolderOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = new UniqueNames(CamReport.ManifestName, CamReport.PageName);
        return [.. pictures.Select(picture => names.Take(OutsideNames.Picture(picture), name =>
            !File.Exists(Path.Combine(root, name)) && !inUse.Contains(Path.GetFullPath(Path.Combine(root, name)))))];
    }

    private static bool IsOurs(string file)
    {
        string name = Path.GetFileName(file);
        return OwnFile().IsMatch(name)
            || (Path.GetExtension(name) is ".png" or ".jpg" or ".npy"
                && CamMethods.All.Any(method => name.StartsWith($"{method.Name}_", StringComparison.Ordinal)));
    }

    /// <summary>What a killed command was writing; not what another one is writing now.</summary>
    private void DeleteTemporary()
    {
        foreach (string file in Entries(_root, ".*" + AtomicFile.TemporarySuffix, depth: 1))
        {
            try
            {
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) >= s_settled)
                {
                    // Fails where somebody has it open.
                    using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not ours to remove; it harms nobody.
            }
        }
    }

    private static void Delete(string file)
    {
        try
        {
            if (Path.Exists(file))
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{file}: is there already and cannot be removed ({e.Message.TrimEnd('.')}); remove it, or give another --out", e);
        }
    }

    private static IEnumerable<string> Entries(string folder, string pattern, int depth) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, pattern, new EnumerationOptions
        {
            AttributesToSkip = FileAttributes.ReparsePoint,     // the usual ones hide what begins with a dot
            RecurseSubdirectories = depth > 0,
            MaxRecursionDepth = depth,
        })];

    /// <summary>Where the picture lies, wherever a link to it does.</summary>
    private static string FolderOf(string picture)
    {
        try
        {
            string full = Path.GetFullPath(picture);
            return Path.GetDirectoryName(File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full) ?? full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";      // not to be read either; whoever reads it says so
        }
    }

    [GeneratedRegex(@"^(input|montage(_\d+)?)\.(png|jpg)$")]
    private static partial Regex OwnFile();
}
