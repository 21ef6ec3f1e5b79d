namespace GpuCam.Kernels.Simd;

/// <summary>Work written once over <see cref="IVector{TSelf}"/>, done in one go.</summary>
internal interface IVectorJob
{
    void Run<TV>()
        where TV : unmanaged, IVector<TV>;
}

/// <summary>
/// Work on items start … end - 1, written once over <see cref="IVector{TSelf}"/>. No item looks at another's result, so that
/// the bits are the same however the items are dealt out to threads.
/// </summary>
internal interface IVectorLoop
{
    void Run<TV>(int start, int end)
        where TV : unmanaged, IVector<TV>;
}

/// <summary>Turns a vector width in bits into the type argument of a job, in one place for all ops.</summary>
internal static class VectorDispatch
{
    /// <summary>Floats read and written below which a second thread costs more than it saves: waking it takes microseconds.</summary>
    private const long Worthwhile = 1 << 15;

    /// <summary>Runs <paramref name="job"/> with vectors of <paramref name="bits"/> bits.</summary>
    public static void Run<TJob>(int bits, TJob job)
        where TJob : struct, IVectorJob
    {
        switch (bits)
        {
            case 512:
                job.Run<V512>();
                break;
            case 256:
                job.Run<V256>();
                break;
            default:
                job.Run<V128>();
                break;
        }
    }

    /// <summary>
    /// Runs <paramref name="loop"/> on 0 … <paramref name="items"/> - 1, over the host's threads if there is enough to do.
    /// </summary>
    /// <param name="host">Says the width and has the threads.</param>
    /// <param name="items">Items to deal out.</param>
    /// <param name="floats">Floats that all items read and write, roughly.</param>
    /// <param name="loop">What to do.</param>
    public static void For<TLoop>(HostDevice host, int items, long floats, TLoop loop)
        where TLoop : struct, IVectorLoop =>
        Run(host.VectorBits, new Threaded<TLoop>(host.Threads, items, floats, loop));

    /// <summary>
    /// The same for a loop whose lanes are channels, with vectors no wider than there are channels, so that none is left over: the last
    /// vector of a pixel overlaps its neighbour. Does nothing and returns false where a vector has more lanes at any width.
    /// </summary>
    public static bool ForChannels<TLoop>(HostDevice host, int channels, int items, long floats, TLoop loop)
        where TLoop : struct, IVectorLoop
    {
        if (channels < V128.Lanes)
        {
            return false;
        }

        Run(BitsFor(host, channels), new Threaded<TLoop>(host.Threads, items, floats, loop));
        return true;
    }

    /// <summary>The width that <see cref="ForChannels"/> chooses.</summary>
    public static int BitsFor(HostDevice host, int channels) =>
        Math.Min(host.VectorBits, channels >= 16 ? 512 : channels >= 8 ? 256 : 128);

    private readonly struct Threaded<TLoop>(HostThreads team, int items, long floats, TLoop loop) : IVectorJob
        where TLoop : struct, IVectorLoop
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV>
        {
            if (floats < Worthwhile)
            {
                loop.Run<TV>(0, items);
                return;
            }

            TLoop shared = loop;
            team.For(items, (start, end) => shared.Run<TV>(start, end));
        }
    }
}
