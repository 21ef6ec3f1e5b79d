using System.CommandLine;
using System.CommandLine.Completions;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>A command, and what may follow it.</summary>
/// <param name="Path">The words that lead to it: "" for the root, "data get" for one below another.</param>
/// <param name="Commands">The commands below it.</param>
/// <param name="Options">Its options.</param>
/// <param name="Argument">What its arguments may be, or null if it takes none, or a command instead.</param>
internal sealed record CompletionNode(
    string Path, IReadOnlyList<CompletionWord> Commands, IReadOnlyList<CompletionOption> Options, CompletionValue? Argument)
{
    /// <summary>The command and all below it.</summary>
    public static IReadOnlyList<CompletionNode> All(Command command) => [Of(command), .. command.Subcommands.SelectMany(All)];

    /// <summary>Its options that take a value, each with that value.</summary>
    public IEnumerable<(CompletionOption Option, CompletionValue Value)> Valued =>
        Options.Where(option => option.Value is not null).Select(option => (option, option.Value!));

    private static CompletionNode Of(Command command) => new(
        CommandLine.PathOf(command),
        [.. command.Subcommands.Select(c => new CompletionWord(c.Name, Short(c.Description)))],
        [.. command.Options.Concat(command is RootCommand ? [] : Recursive(command)).Select(Of)],
        command.Arguments.Count == 0 || command.Subcommands.Count > 0 ? null
        : Value(command.Arguments[0].Name, command.Arguments[0].GetCompletions(CompletionContext.Empty)));

    private static IEnumerable<Option> Recursive(Command command)
    {
        Command root = command;
        while (root.Parents.OfType<Command>().FirstOrDefault() is { } parent)
        {
            root = parent;
        }

        return root.Options.Where(option => option.Recursive);
    }

    private static CompletionOption Of(Option option)
    {
        string[] names = [.. option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-') && name != "-?")];
        bool flag = option.ValueType == typeof(bool) || option.ValueType == typeof(void);
        return new CompletionOption(
            names, Short(option.Description), flag ? null : Value(option.HelpName ?? "", option.GetCompletions(CompletionContext.Empty)));
    }

    private static CompletionValue Value(string name, IEnumerable<CompletionItem> words) => new(
        [.. words.Select(word => word.Label)],
        name switch { "DIR" or "RUN" => PathKind.Folder, "FILE" or "PICTURE" => PathKind.File, _ => PathKind.None });

    /// <summary>A description up to where it goes into detail.</summary>
    private static string Short(string? description) =>
        (description ?? "").Split([" (", "; ", ": ", ", as ", ". "], StringSplitOptions.None)[0].TrimEnd('.');
}

/// <summary>A word that may be typed, and what it means.</summary>
internal sealed record CompletionWord(string Word, string Description);

/// <summary>An option: its names, and its value, or null for a flag.</summary>
internal sealed record CompletionOption(IReadOnlyList<string> Names, string Description, CompletionValue? Value);

/// <summary>What a value may be: one of some words, a path, or, where there is neither, what only the user knows.</summary>
internal sealed record CompletionValue(IReadOnlyList<string> Words, PathKind Paths);

/// <summary>Which paths a value may be.</summary>
internal enum PathKind
{
    /// <summary>None: it is no path.</summary>
    None,

    /// <summary>A file, or a folder on the way to it.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,
}
