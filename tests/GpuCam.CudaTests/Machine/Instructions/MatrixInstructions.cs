namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>
/// <c>ldmatrix</c>: one, two or four matrices of 8x8 elements of 16 bits. Lane l gives the address of row l % 8 of matrix l / 8; it gets of
/// each matrix the elements 2 * (l % 4) and the next of row l / 4, or of that column where it is transposed (PTX ISA, ldmatrix).
/// </summary>
internal sealed unsafe class LoadMatrix(int[] targets, AddressOperand address, bool transposed) : Instruction
{
    private const int RowBytes = 16;

    public override void Execute(Warp warp, uint mask)
    {
        if (!warp.Gather(this, mask))
        {
            return;
        }

        WholeWarp.Check(warp, this);
        TrafficOf.Count<SharedSpace>(warp, this, (uint)((1L << (8 * targets.Length)) - 1), address, RowBytes);
        byte** rows = stackalloc byte*[Warp.Lanes];
        for (int lane = 0; lane < 8 * targets.Length; lane++)
        {
            long place = address.Of(warp, lane);
            Alignment.Check(warp, this, lane, place, RowBytes);
            rows[lane] = SharedSpace.Read(warp, this, lane, place, RowBytes);
        }

        for (int matrix = 0; matrix < targets.Length; matrix++)
        {
            uint* to = warp.Register<uint>(targets[matrix]);
            byte** own = rows + (8 * matrix);
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                int pair = 2 * (lane % 4), line = lane / 4;
                to[lane] = transposed
                    ? ((ushort*)own[pair])[line] | ((uint)((ushort*)own[pair + 1])[line] << 16)
                    : ((uint*)own[line])[lane % 4];
            }
        }
    }
}

/// <summary>
/// <c>mma.sync.m16n8</c> with sums in float32: D = A B + C. A lane has, for g = lane / 4 and t = lane % 4: of C and D rows g and g + 8 of
/// columns 2t and 2t + 1; of A and B what <typeparamref name="TElements"/> says (PTX ISA, mma.m16n8k8 and m16n8k16).
/// </summary>
/// <remarks>
/// Products are exact; their sum with C is cut to a float, not rounded, as measured on the tensor cores of several generations (M. Fasi,
/// N. Higham, M. Mikaitis, S. Pranesh: Numerical behavior of NVIDIA tensor cores, 2021).
/// </remarks>
internal sealed unsafe class MultiplyMatrices<TElements>(int[] d, int[] a, int[] b, int[] c) : Instruction
    where TElements : struct, IMatrixElements
{
    public override void Execute(Warp warp, uint mask)
    {
        if (!warp.Gather(this, mask))
        {
            return;
        }

        WholeWarp.Check(warp, this);
        int depth = TElements.DepthOf(a.Length);
        float* left = stackalloc float[16 * depth];
        float* right = stackalloc float[8 * depth];
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            int g = lane / 4, t = lane % 4;
            for (int i = 0; i < a.Length; i++)
            {
                // Two registers for the two rows, then the next depths.
                TElements.Spread(warp.Register<uint>(a[i])[lane], left + ((g + (8 * (i % 2))) * depth), t, i / 2);
            }

            for (int i = 0; i < b.Length; i++)
            {
                TElements.Spread(warp.Register<uint>(b[i])[lane], right + (g * depth), t, i);
            }
        }

        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            int g = lane / 4, t = lane % 4;
            for (int i = 0; i < 4; i++)
            {
                float* row = left + ((g + (8 * (i / 2))) * depth);
                float* column = right + (((2 * t) + (i % 2)) * depth);
                double sum = warp.Register<float>(c[i])[lane];
                for (int k = 0; k < depth; k++)
                {
                    sum += (double)row[k] * column[k];
                }

                warp.Register<float>(d[i])[lane] = Cut(sum);
            }
        }
    }

    /// <summary>The next float towards zero.</summary>
    private static float Cut(double sum)
    {
        float nearest = (float)sum;
        return Math.Abs((double)nearest) > Math.Abs(sum)
            ? BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(nearest) - 1)
            : nearest;
    }
}

/// <summary>How the elements of a row of A or a column of B lie in registers.</summary>
internal unsafe interface IMatrixElements
{
    /// <summary>The depth of a product whose A has that many registers in a lane.</summary>
    static abstract int DepthOf(int registers);

    /// <summary>Writes the elements of the register of lane t of four, the <paramref name="part"/>-th along the depth.</summary>
    static abstract void Spread(uint register, float* line, int t, int part);
}

/// <summary>One element in a register, of which the unit reads 19 bits: depths t and t + 4.</summary>
internal readonly unsafe struct TF32Elements : IMatrixElements
{
    public static int DepthOf(int registers) => 2 * registers;

    public static void Spread(uint register, float* line, int t, int part) =>
        line[t + (4 * part)] = BitConverter.UInt32BitsToSingle(register & 0xFFFF_E000);
}

/// <summary>Two elements in a register, the lower half first: depths 2t and 2t + 1, then 8 more.</summary>
internal readonly unsafe struct BFloat16Elements : IMatrixElements
{
    public static int DepthOf(int registers) => 4 * registers;

    public static void Spread(uint register, float* line, int t, int part)
    {
        line[(2 * t) + (8 * part)] = BitConverter.UInt32BitsToSingle(register << 16);
        line[(2 * t) + 1 + (8 * part)] = BitConverter.UInt32BitsToSingle(register & 0xFFFF_0000);
    }
}

/// <summary>What <c>.sync.aligned</c> asks for.</summary>
internal static class WholeWarp
{
    public static void Check(Warp warp, Instruction instruction)
    {
        if (warp.Living != Warp.AllLanes)
        {
            throw warp.Fault(instruction, -1, $"only lanes 0x{warp.Living:X8} are there, where all 32 are needed,");
        }
    }
}
