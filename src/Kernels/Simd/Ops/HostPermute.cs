using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// <see cref="Permute"/> on the host: where the innermost axis stays, runs are copied; else planes of the innermost axis of y and that
/// of x are transposed in blocks, so that both are read and written by cache lines.
/// </summary>
internal static unsafe class HostPermute
{
    /// <summary>Edge of a block: its 16 lines of 16 floats stay in the first cache on both sides.</summary>
    private const int Block = 16;

    /// <summary>Writes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, PermutedAxes axes)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int count = y.Count;
        if (axes.S5 <= 1)
        {
            VectorDispatch.For(host, count / axes.E5, 2L * count, new CopyLoop(x.HostPointer, y.HostPointer, axes));
            return true;
        }

        // The axis along which x is dense, and how far a step along it moves in y.
        ReadOnlySpan<int> extents = [axes.E0, axes.E1, axes.E2, axes.E3, axes.E4], steps = [axes.S0, axes.S1, axes.S2, axes.S3, axes.S4];
        int dense = 4, step = axes.E5;
        for (; steps[dense] != 1; dense--)
        {
            step *= extents[dense];
        }

        var planes = new Planes(extents[dense], step, (extents[dense] + Block - 1) / Block);
        VectorDispatch.For(host, count / axes.E5 / planes.Extent * planes.Bands, 2L * count, new BlockLoop(
            x.HostPointer, y.HostPointer, axes, planes));
        return true;
    }

    private readonly struct CopyLoop(float* x, float* y, PermutedAxes axes) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = axes.E5;
            for (int run = start; run < end; run++)
            {
                int index = run * length;
                new ReadOnlySpan<float>(x + axes.Source(index), length).CopyTo(new Span<float>(y + index, length));
            }
        }
    }

    /// <summary>Planes that are transposed: their other axis in y has this extent and step, and is cut into bands.</summary>
    private readonly struct Planes(int extent, int step, int bands)
    {
        public readonly int Extent = extent, Step = step, Bands = bands;
    }

    /// <summary>An item is a band of a plane: 16 steps of the axis along which x is dense, all of the axis along which y is.</summary>
    private readonly struct BlockLoop(float* x, float* y, PermutedAxes axes, Planes planes) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int across = axes.E5, stride = axes.S5, step = planes.Step, inner = step / across;
            for (int item = start; item < end; item++)
            {
                int plane = item / planes.Bands, first = item % planes.Bands * Block, lines = Math.Min(Block, planes.Extent - first);
                int corner = ((plane / inner * planes.Extent * inner) + (plane % inner)) * across;
                float* target = y + corner + ((long)first * step), source = x + axes.Source(corner) + first;
                for (int left = 0; left < across; left += Block)
                {
                    int columns = Math.Min(Block, across - left);
                    for (int line = 0; line < lines; line++)
                    {
                        float* to = target + ((long)line * step) + left, from = source + line + ((long)left * stride);
                        for (int column = 0; column < columns; column++, from += stride)
                        {
                            to[column] = *from;
                        }
                    }
                }
            }
        }
    }
}
