namespace GpuCam.Runner.Training;

/// <summary>Arguments as a POSIX shell takes them, so that a recorded command can be pasted and run again.</summary>
internal static class ShellWord
{
    /// <summary>The word itself where it is harmless, else in single quotes.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,=+@%".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
