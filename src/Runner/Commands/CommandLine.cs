using System.CommandLine;
using System.CommandLine.Parsing;
using GpuCam.Model;
using GpuCam.Runner.Commands.Help;

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
            string command = $"gpucam {PathOf(parsed.CommandResult.Command)}".TrimEnd();
            // One mistake often gives several errors; what is not known explains the others.
            ParseError error = parsed.Errors.FirstOrDefault(e => e.Message.StartsWith("Unrecognized", StringComparison.Ordinal)) ?? parsed.Errors[0];
            await Console.Error.WriteLineAsync($"error: {UsageError(error)}");
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
        catch (OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync("error: there is not enough memory for this; make --batch, --size or --widths smaller");
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
            CompareCommand.Create(),
            BenchCommand.Create(),
            CompletionCommand.Create(),
        };
        HelpPage.Install(root);
        return root;
    }

    /// <summary>The words that lead to a command: "" for the root, "data get" for one below another.</summary>
    internal static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}".TrimStart() : "";

    /// <summary>The parser's message, or a plainer one where it names .NET types.</summary>
    private static string UsageError(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Tokens: [var token, ..] } result || !error.Message.StartsWith("Cannot parse", StringComparison.Ordinal))
            return error.Message.ReplaceLineEndings(" ");
        Type type = Nullable.GetUnderlyingType(result.Option.ValueType) ?? result.Option.ValueType;
        string wanted = type == typeof(int) ? "a whole number" : type == typeof(ulong) ? "a whole number from 0 on" : "a number";
        return $"{result.Option.Name} {token.Value} is not understood; give {wanted}";
    }
}
