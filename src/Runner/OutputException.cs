namespace GpuCam.Runner;

/// <summary>
/// What was made cannot be delivered: a disk is full or failing, or standard output is. The input was good, so the exit code is 1.
/// </summary>
internal sealed class OutputException(string message, Exception cause) : GpuCamException(message, cause)
{
    // errno: EIO, ENOSPC, EDQUOT (macOS, Linux); Windows: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
    private static readonly int[] s_faults = [5, 28, 69, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>Whether the disk is at fault, rather than the path that was given.</summary>
    public static bool IsFault(Exception cause) => cause is IOException && s_faults.Contains(cause.HResult);

    /// <summary>The error of a write: this one when the disk is at fault, else one of a path that cannot be written to.</summary>
    public static GpuCamException Of(string message, Exception cause) =>
        IsFault(cause) ? new OutputException(message, cause) : new GpuCamException(message, cause);
}
