namespace GpuCam.Kernels.Ops;

/// <summary>The slabs of a tiled product in shared memory, and how the threads of a group share the work of filling one.</summary>
internal readonly struct TiledSlab
{
    /// <summary>Depth of a slab.</summary>
    public const int Depth = 8;

    /// <summary>
    /// Floats between two rows of a slab: with a pitch of 4 modulo 32, the 8 x 4 elements that a warp writes along the depth lie
    /// in 32 banks.
    /// </summary>
    public const int Pad = 4;

    /// <summary>The thread's first k and its first row or column, and its steps.</summary>
    public readonly int K, KStep, Line, LineStep;

    /// <summary>
    /// Neighbouring threads take neighbouring depths (in a group of 8 or more, a thread has a single one) or neighbouring lines,
    /// whichever lie next to each other in memory.
    /// </summary>
    public TiledSlab(int thread, int threads, bool alongDepth, int lines)
    {
        int inner = Math.Min(threads, alongDepth ? Depth : lines);
        int innerAt = thread % inner, outerAt = thread / inner, outerStep = threads / inner;

        // Threads left over, as in a group of 12, stand past the end.
        if (outerAt >= outerStep)
        {
            outerAt = lines + Depth;
        }

        K = alongDepth ? innerAt : outerAt;
        KStep = alongDepth ? inner : outerStep;
        Line = alongDepth ? outerAt : innerAt;
        LineStep = alongDepth ? outerStep : inner;
    }
}
