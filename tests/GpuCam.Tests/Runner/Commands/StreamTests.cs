using GpuCam.Runner;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What becomes of a command whose standard streams take nothing.</summary>
public sealed class StreamTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public void What_cannot_be_said_ends_no_training(string redirection)
    {
        Outcome outcome = Gpucam.Shell(_folder.Path, $"\"$@\" {redirection}", TinyRun.Train("run", "--heatmaps", "2")).Succeeded();
        Assert.StartsWith("accuracy ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(trained.Run, "metrics.jsonl")), File.ReadAllBytes(_folder["run/metrics.jsonl"]));
        Assert.Equal(CommandLine.BadInput, Gpucam.Shell(_folder.Path, $"\"$@\" {redirection}", ["tarin"]).ExitCode);
    }

    [Theory]
    [InlineData("devices --json")]
    [InlineData("--help")]
    public void A_result_that_cannot_be_delivered_is_a_failure_in_one_line(string command)
    {
        Outcome outcome = Gpucam.Shell(_folder.Path, "\"$@\" >/dev/full", command.Split(' '));
        outcome.Failed(CommandLine.Failed, "standard output cannot be written");
        Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_reader_that_has_enough_gets_no_stack_trace()
    {
        Outcome outcome = Gpucam.Shell(_folder.Path, "\"$@\" | head -1", ["train", "--help"]);
        Assert.Equal("Description:\n", outcome.Output);
        Assert.True(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length <= 1, outcome.Errors);
    }

    [Fact]
    public void A_result_that_nobody_reads_is_a_failure_in_one_line()
    {
        Outcome outcome = Gpucam.Shell(_folder.Path, "{ \"$@\"; echo exit code $? >&2; } | true", ["devices"]);
        string[] lines = outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("error: standard output cannot be written", lines[0], StringComparison.Ordinal);
        Assert.Equal(["exit code 1"], lines[1..]);
    }

    [Fact]
    public void Text_arrives_as_it_was_written()
    {
        using var inner = new StringWriter { NewLine = "\n" };
        using var writer = ConsoleWriter.ForResults(inner);
        writer.NewLine = "\n";
        writer.Write("a");
        writer.Write('b');
        writer.Write(['c', 'd']);
        writer.WriteLine();
        writer.WriteLine("{0}", 1);
        writer.WriteLine(2);
        writer.Flush();
        Assert.Equal("abcd\n1\n2\n", inner.ToString());
    }
}
