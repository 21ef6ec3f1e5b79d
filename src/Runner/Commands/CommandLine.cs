using System.CommandLine;
using GpuCam.Model;

namespace GpuCam.Runner.Commands;

/// <summary>The <c>gpucam</c> command line: its commands, and the exit code of everything that can happen.</summary>
public static class CommandLine
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The run failed.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or bad input.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by the user.</summary>
    public const int Interrupted = 130;

    /// <summary>Parses <paramref name="args"/>, runs the command and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = CreateRoot().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string command = string.Join(' ', CommandPath(parsed).Skip(1).Prepend("gpucam"));
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync($"error: {error.Message}");
            await Console.Error.WriteLineAsync($"see: {command} --help");
            return BadInput;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (GpuCamException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return BadInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return BadInput;
        }
        catch (NonFiniteLossException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    /// <summary>The root command with all commands below it.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Trains a small convolutional network with global average pooling and shows, with class activation maps, where it looks.")
        {
            DevicesCommand.Create(),
            DataCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
            CamCommand.Create(),
            BenchCommand.Create(),
        };
        return root;
    }

    private static Stack<string> CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(result.Command.Name);
        return names;
    }
}
