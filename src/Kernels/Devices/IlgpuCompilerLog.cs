using System.Diagnostics;
using System.Reflection;
using System.Text;
using ILGPU;
using ILGPU.Runtime;

namespace GpuCam.Kernels;

/// <summary>Hears what ILGPU hands to <see cref="Trace"/> on this thread until it is disposed.</summary>
/// <remarks>
/// What a driver's compiler says of a kernel goes there and nowhere else (up to 1,024 bytes of it on CUDA): ILGPU's exception has no
/// more than the name of an error.
/// </remarks>
internal sealed class IlgpuCompilerLog : TraceListener
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly StringBuilder _heard = new();

    private IlgpuCompilerLog() => Trace.Listeners.Add(this);

    /// <summary>
    /// Compiles and loads a kernel, from the method that <see cref="KernelEntry"/> makes of it; a <see cref="KernelException"/> has the
    /// compiler's own words.
    /// </summary>
    public static Kernel Load(Type kernel, string device, Func<MethodInfo, Kernel> load)
    {
        using var log = new IlgpuCompilerLog();
        try
        {
            return load(KernelEntry.Of(kernel));
        }
        catch (Exception e) when (e is InternalCompilerException or AcceleratorException)
        {
            string said = string.Join(" | ", [(e.InnerException ?? e).Message.ReplaceLineEndings(" "), .. log.Lines()]);
            throw new KernelException(
                $"kernel {KernelEntry.NameOf(kernel)} does not compile for {device}: {said}; --backend simd does without", e);
        }
    }

    /// <summary>Whether it hears this thread.</summary>
    internal bool HearsThisThread => Environment.CurrentManagedThreadId == _thread;

    public override void Write(string? message)
    {
        if (HearsThisThread)
        {
            _heard.Append(message);
        }
    }

    public override void WriteLine(string? message) => Write(message + "\n");

    protected override void Dispose(bool disposing)
    {
        Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }

    /// <summary>Without the zeros that fill ILGPU's buffer, and its own headline.</summary>
    private IEnumerable<string> Lines() => _heard.Replace('\0', '\n').ToString()
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(line => !line.EndsWith("ernel loading failed:", StringComparison.Ordinal));
}
