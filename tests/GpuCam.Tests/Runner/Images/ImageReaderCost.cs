using System.Diagnostics;

namespace GpuCam.Tests.Runner.Images;

/// <summary>What reading costs: bytes that the runtime allocates (the pixels among them) and time.</summary>
internal static class ImageReaderCost
{
    /// <summary>Time is the least of three where the first is long: other tests run beside this one.</summary>
    public static void Of(Action read, out long allocated, out TimeSpan time)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        time = TimeOf(read);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        for (int again = 0; again < 2 && time > TimeSpan.FromSeconds(0.25); again++)
        {
            TimeSpan other = TimeOf(read);
            time = other < time ? other : time;
        }
    }

    private static TimeSpan TimeOf(Action read)
    {
        long start = Stopwatch.GetTimestamp();
        read();
        return Stopwatch.GetElapsedTime(start);
    }
}
