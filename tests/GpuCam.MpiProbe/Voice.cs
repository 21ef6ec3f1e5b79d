using System.Text;

namespace GpuCam.MpiProbe;

/// <summary>Writes lines past System.Console, which greets a terminal before its first line; mpirun gives each rank one.</summary>
internal static class Voice
{
    public static void Say(string line, Stream stream)
    {
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        stream.Flush();
    }
}
