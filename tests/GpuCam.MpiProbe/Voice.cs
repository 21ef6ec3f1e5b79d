using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuCam.MpiProbe;

/// <summary>Writes lines past System.Console, which greets a terminal before its first line; mpirun gives each rank one.</summary>
internal static class Voice
{
    /// <summary>Standard output.</summary>
    public const int Output = 1;

    /// <summary>Standard error.</summary>
    public const int Errors = 2;

    public static void Say(string line, int descriptor)
    {
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
