namespace GpuCam.Runner.Serving;

/// <summary>What a client hears in place of an answer.</summary>
/// <param name="status">The status of HTTP.</param>
/// <param name="message">One line: what is wrong, what to do.</param>
internal sealed class ServeException(int status, string message) : Exception(message)
{
    public int Status => status;

    /// <summary>Seconds after which to try again; null where that would not help.</summary>
    public int? RetryAfter { get; init; }
}
