using ILGPU.Runtime.Cuda;

namespace GpuCam.CudaTests.Driver;

/// <summary>
/// A CUDA driver with one device, whose kernels the PTX machine runs. As strict as a real one: a call that needs a current context and
/// finds none fails, and so does one with what belongs to another context or is gone. Streams are as late as they may be
/// (<see cref="DriverStream"/>).
/// </summary>
internal static class CudaDriver
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<nint, object> s_objects = [];
    private static readonly List<string> s_faults = [];
    private static readonly List<DriverLog> s_logs = [];
    private static nint s_lastHandle = 0x1000;

    /// <summary>Contexts of this thread, the current one on top.</summary>
    [ThreadStatic]
    private static Stack<DriverContext>? s_contexts;

    /// <summary>The memory of the device.</summary>
    public static DriverMemory Memory { get; } = new();

    /// <summary>What went wrong in kernels and in the use of memory since it was last asked for: nothing should.</summary>
    public static IReadOnlyList<string> TakeFaults()
    {
        lock (s_gate)
        {
            string[] faults = [.. s_faults];
            s_faults.Clear();
            return faults;
        }
    }

    /// <summary>What to do at once when something goes wrong, where no test asks.</summary>
    public static Action<string>? Faulted { get; set; }

    /// <summary>Hears all calls until it is disposed.</summary>
    public static DriverLog Listen()
    {
        var log = new DriverLog(closed =>
        {
            lock (s_gate)
            {
                s_logs.Remove(closed);
            }
        });
        lock (s_gate)
        {
            s_logs.Add(log);
        }

        return log;
    }

    public static Stack<DriverContext> Contexts => s_contexts ??= [];

    /// <summary>A call that needs no context. Calls come one at a time.</summary>
    public static CudaError Call(string name, Func<CudaError> body)
    {
        lock (s_gate)
        {
            Heard(new DriverCall(name, Environment.CurrentManagedThreadId));
            return Guarded(name, null, body);
        }
    }

    /// <summary>A call in the current context.</summary>
    public static CudaError InContext(string name, Func<DriverContext, CudaError> body, nint stream = 0, long bytes = 0, string detail = "")
    {
        lock (s_gate)
        {
            Heard(new DriverCall(name, Environment.CurrentManagedThreadId, stream, bytes, detail));
            if (!Contexts.TryPeek(out DriverContext? context))
            {
                return CudaError.CUDA_ERROR_INVALID_CONTEXT;
            }

            return context.IsDestroyed ? CudaError.CUDA_ERROR_CONTEXT_IS_DESTROYED
                : context.Error != CudaError.CUDA_SUCCESS ? context.Error
                : Guarded(name, context, () => body(context));
        }
    }

    /// <summary>A handle for an object.</summary>
    public static nint Add(object made)
    {
        lock (s_gate)
        {
            s_lastHandle += 0x10;
            s_objects.Add(s_lastHandle, made);
            return s_lastHandle;
        }
    }

    /// <summary>The object of a handle, if it is one of these and not gone.</summary>
    public static T? Find<T>(nint handle) where T : class => s_objects.GetValueOrDefault(handle) as T;

    public static void Remove(nint handle) => s_objects.Remove(handle);

    /// <summary>The stream of a handle, in a context; null for one that is none.</summary>
    public static DriverStream? StreamOf(DriverContext context, nint handle) => handle == 0 ? context.Default : Find<DriverStream>(handle);

    /// <summary>The kernel of a function, for the log.</summary>
    public static string NameOf(nint function)
    {
        lock (s_gate)
        {
            return Find<DriverFunction>(function)?.Kernel.Name ?? "";
        }
    }

    /// <summary>What a copy is from and to, for the log.</summary>
    public static (bool From, bool To) OnDevice(nint source, nint target)
    {
        lock (s_gate)
        {
            return (Memory.IsDevice(source), Memory.IsDevice(target));
        }
    }

    public static bool IsLocked(nint address)
    {
        lock (s_gate)
        {
            return Memory.IsLocked(address);
        }
    }

    /// <summary>What is no fault of a kernel, and a driver would not see: the program will.</summary>
    public static void Fault(string what)
    {
        s_faults.Add(what);
        Faulted?.Invoke(what);
    }

    /// <summary>Runs a kernel or a copy; what it throws is an error that stays with the context.</summary>
    public static void Guard(DriverContext context, string what, Action run)
    {
        if (context.Error == CudaError.CUDA_SUCCESS)
        {
            Guarded(what, context, () =>
            {
                run();
                return CudaError.CUDA_SUCCESS;
            });
        }
    }

    // Nothing managed may be thrown through C.
    private static CudaError Guarded(string what, DriverContext? context, Func<CudaError> body)
    {
        try
        {
            CudaError error = body();
            return context is { Error: not CudaError.CUDA_SUCCESS } ? context.Error : error;
        }
        catch (Exception e)
        {
            Fault($"{what}: {e}");
            _ = context?.Error = CudaError.CUDA_ERROR_ILLEGAL_ADDRESS;
            return CudaError.CUDA_ERROR_ILLEGAL_ADDRESS;
        }
    }

    private static void Heard(DriverCall call)
    {
        foreach (DriverLog log in s_logs)
        {
            log.Add(call);
        }
    }
}
