namespace GpuCam.Model;

/// <summary>Names of a file in errors.</summary>
internal static class OnnxText
{
    private const int Longest = 100;

    /// <summary>The name in quotes, its middle left out if it is longer than a line is.</summary>
    public static string Quote(string name) =>
        name.Length <= Longest ? $"'{name}'" : $"'{name[..(Longest / 2)]}…{name[^(Longest / 2)..]}'";
}
