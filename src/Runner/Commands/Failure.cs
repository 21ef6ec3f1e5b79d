using GpuCam.Model;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary>How a command ends that cannot do what it should.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Message">The one line of it; null where nothing is to be said.</param>
internal sealed record Failure(int ExitCode, string? Message)
{
    /// <summary>That of an exception; null for one that is a fault of the program.</summary>
    public static Failure? Of(Exception fault) => fault switch
    {
        JobException e => new Failure(e.ExitCode, e.Message),
        GpuCamException => new Failure(fault is OutputException ? CommandLine.Failed : CommandLine.BadInput, fault.Message),
        IOException or UnauthorizedAccessException =>
            new Failure(OutputException.IsFault(fault) ? CommandLine.Failed : CommandLine.BadInput, fault.Message),
        NonFiniteLossException or KernelException => new Failure(CommandLine.Failed, fault.Message),
        OutOfMemoryException =>
            new Failure(CommandLine.Failed, "there is not enough memory for this; make --batch, --size or --widths smaller"),
        OperationCanceledException => new Failure(CommandLine.Interrupted, null),
        _ => null,
    };

    /// <summary>Says it on standard error.</summary>
    public void Say()
    {
        if (Message is not null)
        {
            Console.Error.WriteLine($"error: {Printable.Line(Message)}");
        }
    }
}
