using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised gradient of an operand of <see cref="Binary"/> that was repeated: sums of dy times the derivative. An item is a
/// register of the gradient or, where the innermost axis is summed, one element of it; it belongs to one thread.
/// </summary>
internal readonly unsafe struct HostBinarySum(HostDevice host, Operands operands, BroadcastLoops loops, float* gradient, Shape own)
    : IVectorSlopeUse
{
    public bool With<TSlope>()
        where TSlope : struct, IVectorSlope
    {
        Shape y = loops.Y;
        int rows = Own(own.N, y.N) * Own(own.H, y.H) * Own(own.W, y.W), lanes = host.VectorBits / 32;
        int chunks = own.C != 0 ? (y.C + lanes - 1) / lanes : 1;
        VectorDispatch.For(host, rows * chunks, 4L * y.Count, new SumLoop<TSlope>(operands, loops, gradient, own, chunks));
        return true;
    }

    private static int Own(int step, int extent) => step != 0 ? extent : 1;

    private readonly struct SumLoop<TSlope>(Operands operands, BroadcastLoops loops, float* gradient, Shape own, int chunks) : IVectorLoop
        where TSlope : struct, IVectorSlope
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            Shape y = loops.Y;
            for (int item = start; item < end; item++)
            {
                if (own.C == 0)
                {
                    gradient[item] = TV.Sum(Sum<TV>(new BroadcastSum(loops, own, item), y.C));
                    continue;
                }

                int c = item % chunks * TV.Lanes, first = (item / chunks * y.C) + c, count = Math.Min(TV.Lanes, y.C - c);
                TV sum = Sum<TV>(new BroadcastSum(loops, own, first), count);
                Partial.Store(sum, gradient + first, count);
            }
        }

        /// <summary>Axis by axis, because short sums round less than one long sum.</summary>
        private TV Sum<TV>(BroadcastSum places, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV total = default;
            Operands from = new(
                operands.A + places.A, operands.B + places.B, operands.Y, operands.Dy, operands.MovesA, operands.MovesB);
            for (int n = 0; n < places.N; n++)
            {
                TV ofN = default;
                for (int h = 0; h < places.H; h++)
                {
                    int index = places.Y + (n * places.StepN) + (h * places.StepH);
                    Operands rows = from.At(loops, n, h, 0, 0, index);
                    ofN += count == TV.Lanes ? Registers<TV>(rows, places) : Rows<TV>(rows, places, count);
                }

                total += ofN;
            }

            return total;
        }

        /// <summary>The sum of rows one register long.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private TV Registers<TV>(Operands row, BroadcastSum places)
            where TV : unmanaged, IVector<TV>
        {
            TV sum = default;
            int stepA = loops.StepA.W, stepB = loops.StepB.W, stepY = places.StepW, rows = places.W;
            for (int w = 0; w < rows; w++)
            {
                sum += row.Product<TV, TSlope>(0);
                row = row.Along(stepA, stepB, stepY);
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private TV Rows<TV>(Operands row, BroadcastSum places, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV sum = default;
            for (int w = 0; w < places.W; w++)
            {
                int i = 0;
                TV ofRow = default;
                for (; i <= count - TV.Lanes; i += TV.Lanes)
                {
                    ofRow += row.Product<TV, TSlope>(i);
                }

                sum += i < count ? ofRow + row.LastProduct<TV, TSlope>(i, count - i) : ofRow;
                row = row.Along(loops.StepA.W, loops.StepB.W, places.StepW);
            }

            return sum;
        }
    }
}
