using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuCam.Tests.Fuzzing;

/// <summary>What reading costs: bytes that the runtime allocates (what is read among them) and time of the processor.</summary>
internal static partial class ReadingCost
{
    private const int ThreadTime = 3;

    /// <summary>Calls <paramref name="read"/>, which works on this thread alone.</summary>
    public static void Of(Action read, out long allocated, out TimeSpan time)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = Now();
        read();
        time = Now() - start;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>What this thread has had of a processor, as other tests run beside it; where that is not known, the clock.</summary>
    private static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Stopwatch.GetElapsedTime(0);
        }

        Assert.Equal(0, ClockGetTime(ThreadTime, out TimeSpec time));
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
