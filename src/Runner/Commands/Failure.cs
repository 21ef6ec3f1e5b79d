using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Ranks;
using ILGPU.Runtime;

namespace GpuCam.Runner.Commands;

/// <summary>How a command ends that cannot do what it should.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Message">The one line of it; null where nothing is to be said.</param>
/// <param name="Hint">A line to follow it, where there is one.</param>
internal sealed record Failure(int ExitCode, string? Message, string? Hint = null)
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
        AcceleratorException => new Failure(
            CommandLine.Failed,
            $"the device failed while it computed: {fault.Message.TrimEnd('.')}; what 'gpucam selftest' says of it tells whether it "
                + "computes as it should, and --resume continues a training from its last checkpoint"),
        OperationCanceledException => new Failure(CommandLine.Interrupted, null),
        _ => null,
    };

    /// <summary>That of a command line that is wrong; null where it is not.</summary>
    public static Failure? Of(ParseResult parsed) => UsageErrors.Of(parsed) is { } error
        ? new Failure(
            CommandLine.BadInput, error, $"see: gpucam {CommandLine.PathOf(parsed.CommandResult.Command)}".TrimEnd() + " --help")
        : null;

    /// <summary>Says it.</summary>
    /// <param name="error">Where errors go.</param>
    /// <param name="whose">What comes before the message: which rank it is of.</param>
    public void Say(TextWriter error, string whose = "")
    {
        if (Message is not null)
        {
            error.WriteLine($"error: {whose}{Printable.Line(Message)}");
        }

        if (Hint is not null)
        {
            error.WriteLine(Hint);
        }
    }
}
