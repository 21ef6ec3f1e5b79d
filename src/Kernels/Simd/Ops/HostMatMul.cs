using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.BatchedMatMul"/>. An item is a panel of columns of one product, over up to 264 of its rows: its thread
/// packs the panel of b, [k, width], where it stays in cache, and multiplies it with six rows of a at a time (<see cref="RegisterTile"/>).
/// </summary>
internal static unsafe class HostMatMul
{
    private const int PanelSlot = 0;
    private const int RowsSlot = 1;

    /// <summary>Rows for which one packing is done; it costs a hundredth of their products.</summary>
    private const int BlockRows = 44 * RegisterTile.Rows;

    /// <summary>Edge of the blocks in which a turned matrix is read.</summary>
    private const int TurnBlock = 16;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(
        Tensor a, Tensor b, Tensor y, int batches, int m, int k, int n, bool transposeA, bool transposeB)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int lanes = host.VectorBits / 32, width = (lanes == 16 && n > 2 * lanes ? 4 : 2) * lanes;
        int panels = (n + width - 1) / width, blocks = (m + BlockRows - 1) / BlockRows;
        VectorDispatch.For(host, batches * panels * blocks, (long)batches * m * k * n / 4, new PanelLoop(
            a.HostPointer, b.HostPointer, y.HostPointer, new Sizes(m, k, n, width, panels, blocks), transposeA, transposeB));
        return true;
    }

    private readonly struct Sizes(int m, int k, int n, int width, int panels, int blocks)
    {
        public readonly int M = m, K = k, N = n, Width = width, Panels = panels, Blocks = blocks;
    }

    private readonly struct PanelLoop(float* a, float* b, float* y, Sizes s, bool turnA, bool turnB) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* panel = Scratch.Get(PanelSlot, (long)s.K * s.Width), tile = stackalloc float[RegisterTile.Rows * s.Width];
            int packed = -1;
            for (int item = start; item < end; item++)
            {
                // Blocks of rows come one after the other, so that a panel is packed once per thread.
                int column = item / s.Blocks % s.Panels * s.Width, batch = item / s.Blocks / s.Panels;
                int columns = Math.Min(s.Width, s.N - column), first = item % s.Blocks * BlockRows;
                if (item / s.Blocks != packed)
                {
                    packed = item / s.Blocks;
                    Pack(b + ((long)batch * s.K * s.N), column, columns, panel);
                }

                for (int row = first; row < Math.Min(s.M, first + BlockRows); row += RegisterTile.Rows)
                {
                    float* target = y + ((((long)batch * s.M) + row) * s.N) + column;
                    int rows = Math.Min(RegisterTile.Rows, s.M - row);
                    bool whole = rows == RegisterTile.Rows && columns == s.Width;
                    Rows<TV>(a + ((long)batch * s.M * s.K), row, rows, columns, panel, whole ? target : tile, whole ? s.N : s.Width);
                    for (int r = 0; r < rows && !whole; r++)
                    {
                        new ReadOnlySpan<float>(tile + (r * s.Width), columns).CopyTo(new Span<float>(target + ((long)r * s.N), columns));
                    }
                }
            }
        }

        /// <summary>Up to six rows of the product; behind the last one the last again.</summary>
        private void Rows<TV>(float* matrix, int row, int rows, int columns, float* panel, float* target, int pitch)
            where TV : unmanaged, IVector<TV>
        {
            float* lines = matrix + ((long)row * s.K);
            if (turnA)
            {
                lines = Scratch.Get(RowsSlot, (long)RegisterTile.Rows * s.K);
                Turn(matrix + row, rows, lines);
            }

            float** at = stackalloc float*[RegisterTile.Rows];
            for (int r = 0; r < RegisterTile.Rows; r++)
            {
                at[r] = lines + ((long)Math.Min(r, rows - 1) * s.K);
            }

            if (columns > 2 * TV.Lanes)
            {
                RegisterTile.Multiply<Two<TV>, TileStore>(at, 1, 0, s.K, panel, s.Width, panel, 0, new(target, pitch));
            }
            else
            {
                RegisterTile.Multiply<TV, TileStore>(at, 1, 0, s.K, panel, s.Width, panel, 0, new(target, pitch));
            }
        }

        /// <summary>Copies up to six columns of a turned left factor, which become rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Turn(float* source, int rows, float* lines)
        {
            int depth = s.K, step = s.M, r1 = depth, r2 = 2 * depth, r3 = 3 * depth, r4 = 4 * depth, r5 = 5 * depth;
            if (rows == RegisterTile.Rows)
            {
                for (int i = 0; i < depth; i++, source += step, lines++)
                {
                    lines[0] = source[0];
                    lines[r1] = source[1];
                    lines[r2] = source[2];
                    lines[r3] = source[3];
                    lines[r4] = source[4];
                    lines[r5] = source[5];
                }

                return;
            }

            for (int i = 0; i < depth; i++, source += step)
            {
                for (int r = 0; r < rows; r++)
                {
                    lines[(r * depth) + i] = source[r];
                }
            }
        }

        /// <summary>Copies columns of a right factor; what is missing to a whole panel is zero.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Pack(float* matrix, int column, int columns, float* panel)
        {
            int depth = s.K, width = s.Width;
            for (int i = 0; i < depth && columns < width; i++)
            {
                new Span<float>(panel + ((long)i * width) + columns, width - columns).Clear();
            }

            if (!turnB)
            {
                for (int i = 0; i < depth; i++)
                {
                    float* source = matrix + ((long)i * s.N) + column;
                    new ReadOnlySpan<float>(source, columns).CopyTo(new Span<float>(panel + ((long)i * width), columns));
                }

                return;
            }

            for (int top = 0; top < depth; top += TurnBlock)
            {
                int bottom = Math.Min(depth, top + TurnBlock);
                for (int c = 0; c < columns; c++)
                {
                    float* source = matrix + ((long)(column + c) * depth), target = panel + c;
                    for (int i = top; i < bottom; i++)
                    {
                        target[(long)i * width] = source[i];
                    }
                }
            }
        }
    }
}
