using System.Text.Json;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>What a job left: mpirun's exit code, and what came out of all ranks, and of mpirun itself.</summary>
internal sealed record MpiOutcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts success, and shows what was said when there was none.</summary>
    public MpiOutcome Succeeded()
    {
        Assert.True(ExitCode == CommandLine.Done, $"exit code {ExitCode}\n{Errors}\n{Output}");
        return this;
    }

    /// <summary>Asserts that standard output holds exactly one line, and that this is JSON.</summary>
    public JsonElement Json()
    {
        Succeeded();
        string line = Assert.Single(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    /// <summary>
    /// Asserts exactly one error of all the ranks, in one line that holds all fragments, and nothing on standard output. What mpirun adds
    /// of its own is not looked at.
    /// </summary>
    public string Failed(int exitCode, params string[] fragments)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}\n{Errors}\n{Output}");
        Assert.Equal("", Output);
        string error = Assert.Single(
            Errors.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
        foreach (string fragment in fragments)
        {
            Assert.Contains(fragment, error, StringComparison.Ordinal);
        }

        return error;
    }

    /// <summary><see cref="Failed"/> with the exit code of bad usage and bad input.</summary>
    public string Refused(params string[] fragments) => Failed(CommandLine.BadInput, fragments);
}
