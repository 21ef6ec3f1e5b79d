namespace GpuCam.MpiTests;

/// <summary>A job of ranks has one voice, and one exit code.</summary>
public sealed class VoiceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void The_version_is_said_once()
    {
        MpiOutcome outcome = MpiRun.Run(_folder.Root, 3, "--version").Succeeded();
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", outcome.Errors);
    }
}
