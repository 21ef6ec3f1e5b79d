namespace GpuCam.Model;

/// <summary>Names in an error message: all of a few, the ends of many.</summary>
internal static class NameList
{
    private const int Ends = 8;

    public static string Of(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= (2 * Ends) + 4
            ? string.Join(", ", all)
            : $"{string.Join(", ", all[..Ends])} … {string.Join(", ", all[^Ends..])} ({all.Length} in all)";
    }
}
