using System.CommandLine.Parsing;

namespace GpuCam.Runner.Commands;

/// <summary>The parser takes an option that it does not know for one more argument, where a command takes any number.</summary>
internal static class UnknownOptions
{
    /// <summary>A validator of such an argument.</summary>
    public static void Refuse(ArgumentResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } token)
        {
            result.AddError($"Unrecognized option '{token.Value}'.");
        }
    }
}
