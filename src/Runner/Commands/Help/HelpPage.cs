using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GpuCam.Model;

namespace GpuCam.Runner.Commands.Help;

/// <summary>
/// What <c>--help</c> shows: the parser's own page, then what the presets set (for <c>train</c>) or the methods there are (for maps), then
/// examples.
/// </summary>
internal sealed class HelpPage(HelpAction standard) : SynchronousCommandLineAction
{
    /// <summary>Lets every command below <paramref name="root"/> show its help this way.</summary>
    public static void Install(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Description = "show this help";
        if (!OperatingSystem.IsWindows())
        {
            // Elsewhere they are paths.
            option.Aliases.Remove("/h");
            option.Aliases.Remove("/?");
        }

        root.Options.OfType<VersionOption>().Single().Description = "show the version";
        option.Action = new HelpPage((HelpAction)option.Action!);
    }

    /// <summary>Who asks for help need not have given what is required.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = standard.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        string path = CommandLine.PathOf(parseResult.CommandResult.Command);
        if (path is "train")
        {
            WriteColumns(output, "Presets:", PresetTable.Rows(parseResult.CommandResult.Command));
        }

        if (path is "cam" or "eval")
        {
            WriteColumns(output, "Methods:", [.. CamMethods.All.Select(method => (string[])[method.Name, method.Description])]);
        }
        // Under its line and not beside it, so that nothing wraps in a narrow terminal.
        if (CommandExamples.Of(path) is { Count: > 0 } examples)
        {
            output.WriteLine("Examples:");
            foreach ((string line, string purpose) in examples)
            {
                output.WriteLine($"  {line}\n      {purpose}");
            }

            output.WriteLine();
        }

        return exitCode;
    }

    private static void WriteColumns(TextWriter output, string title, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length) + 2)];
        output.WriteLine(title);
        foreach (IReadOnlyList<string> row in rows)
        {
            output.WriteLine($"  {string.Concat(row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()}");
        }

        output.WriteLine();
    }
}
