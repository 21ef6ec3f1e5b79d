using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Which cells and tiles of an image see anything but black (exact zeros):
/// <code>
/// image  [H, W, ic]
/// mask   [Rows1, Columns1]   1: the cell's 6x6 pixels (2x2 outputs of a 5x5 window) are not all zero
/// </code>
/// A cell's 6x6 pixels are 3x3 blocks of 2x2, so the mask is the map of non-zero blocks, grown by one block.
/// </summary>
internal static unsafe class Emptiness
{
    /// <summary>Bytes of scratch that <see cref="MaskCells"/> asks for.</summary>
    public static int ScratchSize(LeNetShape shape) => (Blocks(shape.Height) + 2) * BlockStride(shape);

    /// <summary>Writes the mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskCells(float* image, LeNetShape shape, byte* mask, byte* scratch)
    {
        int blockRows = Blocks(shape.Height), stride = BlockStride(shape), rowLength = shape.Width * shape.InChannels;
        Unsafe.InitBlockUnaligned(scratch, 0, (uint)ScratchSize(shape));
        for (int row = 0; row < shape.Height; row++)
        {
            MarkBlocks(image + ((long)row * rowLength), rowLength, shape.InChannels, scratch + (((row / 2) + 1) * stride) + 1);
        }

        for (int row = 0; row < shape.Rows1; row++)
        {
            byte* above = scratch + (row * stride), here = above + stride, below = here + stride;
            byte* target = mask + (row * shape.Columns1);
            int column = 0;
            for (; column + sizeof(ulong) <= shape.Columns1; column += sizeof(ulong))
            {
                *(ulong*)(target + column) = Three<ulong>(above + column) | Three<ulong>(here + column) | Three<ulong>(below + column);
            }

            for (; column < shape.Columns1; column++)
            {
                target[column] = (byte)(Three<byte>(above + column) | Three<byte>(here + column) | Three<byte>(below + column));
            }
        }
    }

    /// <summary>Lists the tiles whose 8x8 window of cells holds one that is not blank; returns how many.</summary>
    public static int ActiveTiles(byte* mask, LeNetShape shape, int* tiles)
    {
        int count = 0;
        byte* any = stackalloc byte[shape.Columns1];
        for (int row = 0; row < shape.TileRows; row++)
        {
            int top = (Winograd.Tile * row) - LeNetShape.Border, bottom = Math.Min(shape.Rows1, top + Winograd.Window);
            OrRows(mask, shape.Columns1, Math.Max(top, 0), bottom, any);
            for (int column = 0; column < shape.TileColumns; column++)
            {
                int left = (Winograd.Tile * column) - LeNetShape.Border, right = Math.Min(shape.Columns1, left + Winograd.Window);
                left = Math.Max(left, 0);
                if (new ReadOnlySpan<byte>(any + left, right - left).IndexOf((byte)1) >= 0)
                {
                    tiles[count++] = (row * shape.TileColumns) + column;
                }
            }
        }

        return count;
    }

    /// <summary>Three neighbours in one: bytes are 0 or 1, so eight of them are combined as one integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Three<T>(byte* row)
        where T : unmanaged, System.Numerics.IBinaryInteger<T> => *(T*)row | *(T*)(row + 1) | *(T*)(row + 2);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OrRows(byte* mask, int columns, int from, int to, byte* any)
    {
        new Span<byte>(any, columns).Clear();
        for (int row = from; row < to; row++)
        {
            byte* source = mask + (row * columns);
            int column = 0;
            for (; column + sizeof(ulong) <= columns; column += sizeof(ulong))
            {
                *(ulong*)(any + column) |= *(ulong*)(source + column);
            }

            for (; column < columns; column++)
            {
                any[column] |= source[column];
            }
        }
    }

    private static int Blocks(int extent) => (extent + 1) / 2;

    private static int BlockStride(LeNetShape shape) => Blocks(shape.Width) + 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MarkBlocks(float* row, int length, int channels, byte* blocks)
    {
        int i = 0;
        for (; i + 8 <= length; i += 8)
        {
            ulong* bits = (ulong*)(row + i);
            if (((bits[0] | bits[1] | bits[2] | bits[3]) & 0x7fffffff_7fffffff) != 0)
            {
                for (int k = i; k < i + 8; k++)
                {
                    blocks[k / channels / 2] |= row[k] != 0 ? (byte)1 : (byte)0;
                }
            }
        }

        for (; i < length; i++)
        {
            blocks[i / channels / 2] |= row[i] != 0 ? (byte)1 : (byte)0;
        }
    }
}
