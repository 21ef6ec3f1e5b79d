namespace GpuCam.Runner.Ranks;

/// <summary>What all ranks of a job have learned alike: each of them ends with it, and rank 0 alone says it.</summary>
internal sealed class JobException(string message, int exitCode) : GpuCamException(message)
{
    /// <summary>The exit code of every rank.</summary>
    public int ExitCode => exitCode;
}
