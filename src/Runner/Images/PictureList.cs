using System.IO.Enumeration;

namespace GpuCam.Runner.Images;

/// <summary>A picture file that somebody named.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">What to call it: the path as it was given, or found in the folder that was given.</param>
public sealed record ListedPicture(string Path, string Name);

/// <summary>Which files a command line means: files, folders, patterns and lists, in their order, each file once.</summary>
public static class PictureList
{
    /// <summary>The list that is standard input.</summary>
    public const string StandardInput = "-";

    private const string Deep = "**";

    /// <summary>
    /// By their ends, files that are pictures; those of formats that are not read are named as such, not passed over in silence.
    /// </summary>
    private static readonly HashSet<string> s_extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp",
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl",
    };

    private static readonly StringComparer s_paths =
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The pictures meant.</summary>
    /// <param name="given">
    /// Files, of any name; folders, for the pictures directly in them by name; patterns with * and ?, and ** for folders at any depth:
    /// <c>photos/**</c> is every picture below.
    /// </param>
    /// <param name="list">A text file of paths, a line each, relative to its folder; - is <paramref name="input"/>; or null.</param>
    /// <param name="recursive">Whether a folder means what is in the folders below as well.</param>
    /// <param name="input">Standard input; its paths are relative to the current folder.</param>
    /// <exception cref="GpuCamException">Something named is not there or cannot be read, or there is no picture.</exception>
    public static IReadOnlyList<ListedPicture> Expand(
        IEnumerable<string> given, string? list = null, bool recursive = false, TextReader? input = null)
    {
        var pictures = new List<ListedPicture>();
        var seen = new HashSet<string>(s_paths);
        foreach (string name in given)
        {
            Add(Named(name, recursive));
        }

        if (list is not null)
        {
            Add(Listed(list, input));
        }

        return pictures.Count > 0 ? pictures
            : throw new GpuCamException("no picture is named; give files, folders, patterns such as photos/*.jpg, or --list FILE");

        void Add(IEnumerable<ListedPicture> found) => pictures.AddRange(found.Where(picture => seen.Add(Path.GetFullPath(picture.Path))));
    }

    /// <summary>Whether a file's name ends as those of pictures do.</summary>
    internal static bool HasExtension(string path) => s_extensions.Contains(Path.GetExtension(path));

    private static List<ListedPicture> Named(string name, bool recursive)
    {
        if (File.Exists(name))
        {
            return [new ListedPicture(name, name)];
        }

        if (Directory.Exists(name))
        {
            return InFolder(name, recursive);
        }

        // A file that is not there is one that cannot be read: the others are none the worse for it.
        return name.AsSpan().ContainsAny('*', '?') ? Matching(name) : [new ListedPicture(name, name)];
    }

    private static List<ListedPicture> InFolder(string folder, bool recursive)
    {
        List<string> found = [];
        Collect(folder, [recursive ? Deep : "*"], found);
        if (found.Count > 0)
        {
            return AsListed(found);
        }

        List<string> below = [];
        Collect(folder, [Deep], below);
        string deeper = Path.Combine(folder, Deep);
        throw new GpuCamException(
            below.Count > 0
                ? $"{folder}: no picture lies directly in this folder, but {below.Count} in folders below; give {deeper} for those"
                : $"{folder}: there is no picture in this folder; they end in .jpg, .png, .webp, .bmp or .gif");
    }

    private static List<ListedPicture> Matching(string pattern)
    {
        string plain = OperatingSystem.IsWindows() ? pattern.Replace('\\', '/') : pattern;
        string[] parts = plain.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int first = Array.FindIndex(parts, part => part.AsSpan().ContainsAny('*', '?'));
        string start = (plain.StartsWith('/') ? "/" : "") + string.Join('/', parts.Take(first));
        List<string> found = [];
        if (start.Length == 0 || Directory.Exists(start))
        {
            Collect(start, parts.AsSpan(first), found);
        }

        return found.Count > 0 ? AsListed(found) : throw new GpuCamException($"{pattern}: no picture is called so; check the pattern");
    }

    /// <summary>
    /// What fits the parts below a folder, in order of names, a folder's files before the folders in it. What is hidden by a dot is
    /// left out, and ** follows no links, which may lead in a circle.
    /// </summary>
    private static void Collect(string folder, ReadOnlySpan<string> parts, List<string> found)
    {
        bool deep = parts[0] == Deep;
        if (parts.Length == 1)
        {
            // A pattern that names an ending means it; otherwise files that are pictures.
            string pattern = deep ? "*" : parts[0];
            bool ended = Path.GetExtension(pattern).Length > 1;
            found.AddRange(Entries(folder, pattern, folders: false).Where(file => ended || HasExtension(file)));
        }
        else if (deep)
        {
            Collect(folder, parts[1..], found);
        }

        if (parts.Length == 1 && !deep)
        {
            return;
        }

        foreach (string below in Entries(folder, deep ? "*" : parts[0], folders: true))
        {
            if (!deep || new DirectoryInfo(below).LinkTarget is null)
            {
                Collect(below, deep ? parts : parts[1..], found);
            }
        }
    }

    private static string[] Entries(string folder, string pattern, bool folders)
    {
        if (pattern is "." or "..")
        {
            return folders ? [Path.Combine(folder, pattern)] : [];
        }

        try
        {
            string where = folder.Length == 0 ? "." : folder;
            IEnumerable<string> all = folders ? Directory.EnumerateDirectories(where) : Directory.EnumerateFiles(where);
            return
            [
                .. all.Select(path => Path.GetFileName(path))
                    .Where(name => !name.StartsWith('.')
                        && FileSystemName.MatchesSimpleExpression(pattern, name, OperatingSystem.IsWindows()))
                    .Order(StringComparer.Ordinal).Select(name => Path.Combine(folder, name)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{folder}: this folder cannot be read ({e.Message.TrimEnd('.')}); check its permissions", e);
        }
    }

    private static IEnumerable<ListedPicture> Listed(string list, TextReader? input)
    {
        // Not by the console's own reader: that greets the terminal that a launcher makes of standard output.
        string text = list != StandardInput ? ReadList(list) : (input ?? new StreamReader(Console.OpenStandardInput())).ReadToEnd();
        string folder = list == StandardInput ? "" : Path.GetDirectoryName(list) ?? "";
        string[] lines = text.TrimStart('\uFEFF').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0
            ? throw new GpuCamException($"--list {list}: there is no path in it; give one a line")
            : lines.Select(line => line.Contains('\0', StringComparison.Ordinal)
                ? throw new GpuCamException($"--list {list}: this is no text, but has zero bytes; give a path a line")
                : new ListedPicture(Path.Combine(folder, line), line));
    }

    private static string ReadList(string list)
    {
        try
        {
            return File.ReadAllText(list);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GpuCamException($"--list {list}: cannot be read ({e.Message.TrimEnd('.')}); give a text file with a path a line", e);
        }
    }

    private static List<ListedPicture> AsListed(List<string> paths) => paths.ConvertAll(path => new ListedPicture(path, path));
}
