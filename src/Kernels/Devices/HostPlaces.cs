using System.Runtime.InteropServices;

namespace GpuCam.Kernels;

/// <summary>
/// Which processor each worker of a <see cref="HostThreads"/> runs on, where it has as many as there are (Linux). A helper that is woken
/// would else often be put on the processor of its caller, and wait there for milliseconds while another one idles.
/// </summary>
/// <remarks>
/// The caller's thread is the user's and stays free; a helper that is where the caller has gone meanwhile is moved to where it was.
/// </remarks>
internal sealed unsafe partial class HostPlaces
{
    /// <summary>Processors that a set of the system call has room for.</summary>
    private const int Most = 1024;

    private readonly int[] _processor;
    private readonly int[] _thread;

    private HostPlaces(int[] processors) => (_processor, _thread) = (processors, new int[processors.Length]);

    /// <summary>Places for so many workers, the caller being the first; null where there are more or fewer, or it is not known.</summary>
    public static HostPlaces? Create(int workers)
    {
        if (!OperatingSystem.IsLinux() || workers < 2 || workers != Environment.ProcessorCount)
        {
            return null;
        }

        try
        {
            ulong* set = stackalloc ulong[Most / 64];
            new Span<ulong>(set, Most / 64).Clear();
            if (GetAffinity(0, Most / 8, set) != 0)
            {
                return null;
            }

            var allowed = new List<int>();
            for (int cpu = 0; cpu < Most; cpu++)
            {
                if (((set[cpu / 64] >> (cpu % 64)) & 1) != 0)
                {
                    allowed.Add(cpu);
                }
            }

            return allowed.Count == workers ? new HostPlaces([.. allowed]) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Called by a helper on its own thread: it stays on its place from now on.</summary>
    public void Settle(int worker)
    {
        Volatile.Write(ref _thread[worker], GetThreadId());
        Put(worker);
    }

    /// <summary>Called before each job: no helper stays on the processor that the caller is on.</summary>
    public void MakeRoom()
    {
        int here = GetProcessor();
        for (int worker = 1; worker < _processor.Length && _processor[0] != here; worker++)
        {
            if (_processor[worker] == here)
            {
                (_processor[0], _processor[worker]) = (here, _processor[0]);
                Put(worker);
            }
        }
    }

    private void Put(int worker)
    {
        int thread = Volatile.Read(ref _thread[worker]), cpu = _processor[worker];
        if (thread == 0)
        {
            return;
        }

        // Where it is not allowed, or that processor is gone, the thread stays where it may be.
        ulong* set = stackalloc ulong[Most / 64];
        new Span<ulong>(set, Most / 64).Clear();
        set[cpu / 64] |= 1UL << (cpu % 64);
        _ = SetAffinity(thread, Most / 8, set);
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* set);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint bytes, ulong* set);

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    private static partial int GetProcessor();

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
