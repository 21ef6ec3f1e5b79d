namespace GpuCam;

/// <summary>
/// A mistake the user can mend: bad input, bad usage, a device that is not there. The message is one line that says
/// what is wrong, where, and what to do. The command line prints it and exits with code 2, or with what a kind of its own says.
/// </summary>
public class GpuCamException : Exception
{
    /// <summary>An error with the one line the user will see.</summary>
    public GpuCamException(string message) : base(message)
    {
    }

    /// <summary>An error with the one line the user will see and the exception that caused it.</summary>
    public GpuCamException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>An error without details; prefer the other constructors.</summary>
    public GpuCamException() : base("unknown error")
    {
    }
}
