using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>What a rank needs of the operating system.</summary>
internal static partial class MpiProcess
{
    /// <summary>
    /// Ends the process without any more of its code: what the library of MPI and the runtime do at an ordinary end may wait for ranks
    /// that do not answer.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void End(int exitCode);

    /// <summary>Sleeps for less than a millisecond.</summary>
    [LibraryImport("libc", EntryPoint = "usleep")]
    public static partial int Sleep(uint microseconds);

    /// <summary>
    /// Libraries that libmpi brings along must leave SIGSEGV alone, of which .NET makes a NullReferenceException: UCX catches it unless
    /// this is set. They read C's environment, which Environment.SetEnvironmentVariable does not change.
    /// </summary>
    public static void KeepSignals() => _ = SetEnvironment("UCX_ERROR_SIGNALS", "", overwrite: 0);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
