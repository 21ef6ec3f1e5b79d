using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// What ILGPU's views and contexts assert (an index inside, a group around) fails the test that broke it, not the whole process.
/// </summary>
internal sealed class TraceAssertions : TraceListener
{
    [ModuleInitializer]
    internal static void Install()
    {
        KeptMessages.Install();
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new TraceAssertions());
    }

    public override void Fail(string? message, string? detailMessage) =>
        throw new TraceAssertionException($"{message} {detailMessage}".Trim());

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}

/// <summary>An assertion of ILGPU's that failed.</summary>
public sealed class TraceAssertionException(string message) : Exception(message);
