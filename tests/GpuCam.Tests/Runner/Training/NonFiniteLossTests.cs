using System.Text.RegularExpressions;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

public sealed partial class NonFiniteLossTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1e30", "4", "4,8")]
    [InlineData("1e38", "1", "4,8")]
    [InlineData("1e30", "1", "4,8")]
    [InlineData("1e38", "1", "32,64")]
    public void A_loss_that_is_not_finite_stops_the_run_with_the_step_and_the_last_good_checkpoint(
        string learningRate, string every, string widths)
    {
        Outcome outcome = Gpucam.Call(
            TinyRun.Train(_folder["run"], "--optimizer", "sgd", "--schedule", "constant", "--lr", learningRate, "--every", every,
                "--widths", widths));
        string error = outcome.Failed(CommandLine.Failed, "learning rate", "the last good checkpoint is ");
        Assert.Matches(@"\(stopped after step [0-9]+\)", error);

        string checkpoint = Checkpoint().Match(error).Groups[1].Value;
        Assert.StartsWith(_folder["run"], checkpoint, StringComparison.Ordinal);
        Gpucam.Call("eval", "--model", checkpoint, "--digits", "synthetic", "--distractors", "2", "--count", "5", "--json").Json();
        Gpucam.Call("eval", "--model", Path.Combine(_folder["run"], "last.safetensors"), "--digits", "synthetic", "--count", "5")
            .Succeeded();
        Assert.DoesNotContain("NaN", File.ReadAllText(Path.Combine(_folder["run"], "metrics.jsonl")), StringComparison.Ordinal);
    }

    [GeneratedRegex("checkpoint is (.*)$")]
    private static partial Regex Checkpoint();
}
