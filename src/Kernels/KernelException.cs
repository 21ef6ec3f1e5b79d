namespace GpuCam;

/// <summary>
/// A kernel that does not compile for the device. The message is one line with the kernel's name and what the compiler said of it. It
/// is no mistake of the user: the command line exits with code 1.
/// </summary>
public sealed class KernelException : Exception
{
    /// <summary>An error with the one line the user will see.</summary>
    public KernelException(string message) : base(message)
    {
    }

    /// <summary>An error with the one line the user will see and the exception that caused it.</summary>
    public KernelException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>An error without details; prefer the other constructors.</summary>
    public KernelException() : base("a kernel does not compile")
    {
    }
}
