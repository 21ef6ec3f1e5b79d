using System.Text;
using System.Text.RegularExpressions;

namespace GpuCam.Model;

/// <summary>What the library of MPI says of itself and of errors.</summary>
internal static unsafe partial class MpiText
{
    // MPI_MAX_LIBRARY_VERSION_STRING is 256 in Open MPI, 8192 in MPICH.
    private const int Longest = 8192;

    /// <summary>The library's name and version, short: <c>Open MPI 4.1.4</c>.</summary>
    public static string OfLibrary()
    {
        byte* text = stackalloc byte[Longest];
        int length = 0;
        return LibMpi.MPI_Get_library_version(text, &length) == 0 ? Shortened(Encoding.UTF8.GetString(text, length)) : "MPI";
    }

    /// <summary>An error in words.</summary>
    public static string OfError(int error)
    {
        byte* text = stackalloc byte[Longest];
        int length = 0;
        return LibMpi.MPI_Error_string(error, text, &length) == 0 && length > 0
            ? Encoding.UTF8.GetString(text, length).ReplaceLineEndings(" ")
            : $"error {error}";
    }

    /// <summary>The first line, up to a comma, without the word "version".</summary>
    internal static string Shortened(string version) =>
        Version().Replace(version.Split('\n', ',')[0].Trim('\0', ' ', '\r'), " ");

    [GeneratedRegex(@"(\s*\bversion\s*:?\s*)|(\s+v(?=\d))", RegexOptions.IgnoreCase)]
    private static partial Regex Version();
}
