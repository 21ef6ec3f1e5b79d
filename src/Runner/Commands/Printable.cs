namespace GpuCam.Runner.Commands;

/// <summary>Texts with names from outside in them, such as a terminal may be sent.</summary>
internal static class Printable
{
    /// <summary>One line: what breaks lines or steers a terminal becomes a question mark.</summary>
    public static string Line(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));
}
