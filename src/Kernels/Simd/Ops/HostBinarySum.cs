using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised gradient of an operand of <see cref="Binary"/> that was repeated: sums of dy times the derivative. An item is a
/// register of the gradient or, where the innermost axis is summed, one element of it; it belongs to one thread.
/// </summary>
internal readonly unsafe struct HostBinarySum(HostDevice host, Operands operands, float* gradient, Shape own) : IVectorSlopeUse
{
    public bool With<TSlope>()
        where TSlope : struct, IVectorSlope
    {
        Shape y = operands.Loops.Y;
        int rows = Own(own.N, y.N) * Own(own.H, y.H) * Own(own.W, y.W), lanes = host.VectorBits / 32;
        int chunks = own.C != 0 ? (y.C + lanes - 1) / lanes : 1;
        VectorDispatch.For(host, rows * chunks, 4L * y.Count, new SumLoop<TSlope>(operands, gradient, own, chunks));
        return true;
    }

    private static int Own(int step, int extent) => step != 0 ? extent : 1;

    private readonly struct SumLoop<TSlope>(Operands operands, float* gradient, Shape own, int chunks) : IVectorLoop
        where TSlope : struct, IVectorSlope
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            Shape y = operands.Loops.Y;
            for (int item = start; item < end; item++)
            {
                if (own.C == 0)
                {
                    var element = new BroadcastSum(operands.Loops, own, item);
                    gradient[item] = TV.Sum(Sum<TV>(element, y.C));
                    continue;
                }

                int c = item % chunks * TV.Lanes, first = (item / chunks * y.C) + c, count = Math.Min(TV.Lanes, y.C - c);
                TV sum = Sum<TV>(new BroadcastSum(operands.Loops, own, first), count);
                if (count == TV.Lanes)
                {
                    TV.Store(sum, gradient + first);
                }
                else
                {
                    Partial.Store(sum, gradient + first, count);
                }
            }
        }

        /// <summary>Axis by axis, because short sums round less than one long sum.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private TV Sum<TV>(BroadcastSum places, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV total = default;
            Operands from = new(operands.A + places.A, operands.B + places.B, operands.Y, operands.Dy, operands.Loops);
            for (int n = 0; n < places.N; n++)
            {
                TV ofN = default;
                for (int h = 0; h < places.H; h++)
                {
                    TV ofH = default;
                    for (int w = 0; w < places.W; w++)
                    {
                        int index = places.Y + (n * places.StepN) + (h * places.StepH) + (w * places.StepW);
                        Operands row = from.At(n, h, w, 0, index);
                        int i = 0;
                        TV ofW = default;
                        for (; i <= count - TV.Lanes; i += TV.Lanes)
                        {
                            ofW += row.Product<TV, TSlope>(i);
                        }

                        ofH += i < count ? ofW + row.LastProduct<TV, TSlope>(i, count - i) : ofW;
                    }

                    ofN += ofH;
                }

                total += ofN;
            }

            return total;
        }
    }
}
