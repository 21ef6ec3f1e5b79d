namespace GpuCam;

/// <summary>
/// A mistake the user can mend: bad input, bad usage, a device that is not there. The message is one line that says
/// what is wrong, where, and what to do. The command line prints it and exits with code 2, or with what a kind of its own says.
/// Names out of files may hold anything: what would end the line or steer a terminal is shown as <c>\u000a</c>.
/// </summary>
public class GpuCamException : Exception
{
    /// <summary>An error with the one line the user will see.</summary>
    public GpuCamException(string message) : base(OneLine(message))
    {
    }

    /// <summary>An error with the one line the user will see and the exception that caused it.</summary>
    public GpuCamException(string message, Exception innerException) : base(OneLine(message), innerException)
    {
    }

    /// <summary>An error without details; prefer the other constructors.</summary>
    public GpuCamException() : base("unknown error")
    {
    }

    private static string OneLine(string message) => message is null || !message.Any(char.IsControl)
        ? message!
        : string.Concat(message.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
}
