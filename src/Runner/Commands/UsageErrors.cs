using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace GpuCam.Runner.Commands;

/// <summary>What the parser objects to, in words that say what to type instead.</summary>
internal static class UsageErrors
{
    private const string Unrecognized = "Unrecognized";

    /// <summary>The one error to show, or null if there is none.</summary>
    public static string? Of(ParseResult parsed)
    {
        if (parsed.Action is { ClearsParseErrors: true })
        {
            return null;
        }

        // The parser passes over a directive that it does not know.
        if (parsed.Tokens.FirstOrDefault(token => token.Type == TokenType.Directive) is { } directive)
        {
            return $"{Unrecognized} command or argument '{directive.Value}'";
        }

        if (UnknownOption(parsed) is { } unknown)
        {
            return unknown;
        }

        if (parsed.Errors.Count == 0)
        {
            return Empty(parsed) ?? DecimalComma(parsed);
        }
        // One mistake often gives several errors; what is not known explains the others.
        ParseError error = parsed.Errors.FirstOrDefault(e => e.Message.StartsWith(Unrecognized, StringComparison.Ordinal))
            ?? parsed.Errors[0];
        string message = error.Message.ReplaceLineEndings(" ");
        Command command = parsed.CommandResult.Command;
        if (message.StartsWith(Unrecognized, StringComparison.Ordinal))
        {
            return message.TrimEnd('.') + Suggestion(command, message.Split('\'') is [_, var word, ..] ? word : "");
        }

        return error.SymbolResult switch
        {
            OptionResult { Option: var option } when message.StartsWith("Required argument", StringComparison.Ordinal) => Missing(option),
            OptionResult { Tokens: [var token, ..], Option: var option } when message.StartsWith(
                "Cannot parse", StringComparison.Ordinal) =>
                $"{option.Name} {token.Value} is not understood; give {Wanted(option)}",
            ArgumentResult { Argument: var argument } when message.StartsWith("Required argument", StringComparison.Ordinal) =>
            Missing(argument),
            CommandResult when message.StartsWith("Required argument", StringComparison.Ordinal) => Missing(command.Arguments[0]),
            CommandResult when message.StartsWith("Required command", StringComparison.Ordinal) =>
                $"a command is missing; give one of {string.Join(", ", command.Subcommands.Select(below => below.Name))}",
            CommandResult when message.Split('\'') is [_, var name, ..]
            && command.Options.FirstOrDefault(option => option.Name == name) is { } required =>
                $"{message.TrimEnd('.')}: {required.Description}",
            _ => message,
        };
    }

    /// <summary>
    /// The parser takes an option that it does not know for one more argument. Behind -- every word is an argument, so that a file may be
    /// called anything.
    /// </summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        ArgumentResult[] arguments = [.. parsed.CommandResult.Children.OfType<ArgumentResult>()];
        Token? unknown = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).FirstOrDefault(
            token => token.Value is ['-', _, ..] && arguments.Any(argument => argument.Tokens.Any(own => ReferenceEquals(own, token))));
        if (unknown is null)
        {
            return null;
        }

        string file = Path.Exists(unknown.Value) ? $"; the file of that name is given behind --: -- {unknown.Value}" : "";
        return $"Unrecognized option '{unknown.Value}'{Suggestion(parsed.CommandResult.Command, unknown.Value)}{file}";
    }

    /// <summary>No option and no argument means anything by an empty text, which is what a script's unset variable becomes.</summary>
    private static string? Empty(ParseResult parsed)
    {
        foreach (SymbolResult result in parsed.CommandResult.Children.Where(child => child.Tokens.Any(token => token.Value.Length == 0)))
        {
            switch (result)
            {
                case OptionResult { Option: var option }:
                    return Missing(option);
                case ArgumentResult { Argument: var argument }:
                    return Missing(argument);
            }
        }

        return null;
    }

    /// <summary>
    /// The framework reads "0,01" as 1: a comma separates thousands for it, and means a decimal point for half the world.
    /// </summary>
    private static string? DecimalComma(ParseResult parsed)
    {
        foreach (OptionResult result in parsed.CommandResult.Children.OfType<OptionResult>())
        {
            Type type = Nullable.GetUnderlyingType(result.Option.ValueType) ?? result.Option.ValueType;
            if ((type == typeof(float) || type == typeof(double)) && result.Tokens is [{ Value: var text }, ..]
                && text.Contains(',', StringComparison.Ordinal))
            {
                return $"{result.Option.Name} {text} is not understood; give a number with a decimal point and without separators, such "
                    + "as 0.01";
            }
        }

        return null;
    }

    private static string Missing(Option option) => $"option '{option.Name}' needs a value, {option.HelpName}: {option.Description}";

    private static string Missing(Argument argument) => $"{argument.Name} is missing; give {argument.Description}";

    private static string Wanted(Option option)
    {
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type == typeof(int) ? "a whole number" : type == typeof(ulong) ? "a whole number from 0 on" : "a number";
    }

    /// <summary>The command, option or value that was probably meant; "" if nothing is near.</summary>
    private static string Suggestion(Command command, string word)
    {
        IEnumerable<Option> options = command.Options.Concat(
            command is RootCommand root ? [] : command.Parents.OfType<RootCommand>().SelectMany(parent => parent.Options));
        if (options.FirstOrDefault(option => option.GetCompletions(CompletionContext.Empty)
            .Any(value => value.Label == word)) is { } chosen)
        {
            return $"; did you mean {chosen.Name} {word}?";
        }

        IEnumerable<string> names = command.Subcommands.Select(below => below.Name)
            .Concat(options.SelectMany(option => option.Aliases.Prepend(option.Name)));
        return names.Where(name => name.Length > 2).MinBy(name => NearestWords.Distance(word, name)) is { } nearest
            && NearestWords.Distance(word, nearest) <= 2 ? $"; did you mean {nearest}?" : "";
    }
}
