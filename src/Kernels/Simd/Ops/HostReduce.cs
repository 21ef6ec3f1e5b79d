using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Reduce"/>: an item is a register of results or, where the innermost axis is reduced, one result; it belongs
/// to one thread.
/// </summary>
internal static unsafe class HostReduce
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(ReduceFunction f, Tensor x, Tensor y, BroadcastLoops loops, float scale)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (f is ReduceFunction.Mean or ReduceFunction.Sum && y.Shape == new Shape(x.Shape.N, 1, 1, x.Shape.C) && x.Shape.Area > 1)
        {
            return HostGlobalPool.TryAverage(x, y, scale);
        }

        switch (f)
        {
            case ReduceFunction.Mean or ReduceFunction.Sum:
                Run<VectorSumOf, SumOf>(host, x, y, loops, scale);
                break;
            case ReduceFunction.Maximum:
                Run<VectorLargestOf, LargestOf>(host, x, y, loops, scale);
                break;
            case ReduceFunction.Minimum:
                Run<VectorSmallestOf, SmallestOf>(host, x, y, loops, scale);
                break;
            case ReduceFunction.L1:
                Run<VectorAbsoluteSumOf, AbsoluteSumOf>(host, x, y, loops, scale);
                break;
            default:
                Run<VectorSquaresOf, RootOfSquaresOf>(host, x, y, loops, scale);
                break;
        }

        return true;
    }

    private static void Run<TVector, TPlain>(HostDevice host, Tensor x, Tensor y, BroadcastLoops loops, float scale)
        where TVector : struct, IVectorReduction
        where TPlain : struct, IReduction
    {
        int lanes = host.VectorBits / 32, columns = loops.StepA.C != 0 ? loops.Y.C : 1, chunks = (columns + lanes - 1) / lanes;
        VectorDispatch.For(host, y.Count / columns * chunks, x.Count, new ResultLoop<TVector, TPlain>(
            x.HostPointer, y.HostPointer, loops, chunks, scale));
    }

    private readonly struct ResultLoop<TVector, TPlain>(float* x, float* y, BroadcastLoops loops, int chunks, float scale) : IVectorLoop
        where TVector : struct, IVectorReduction
        where TPlain : struct, IReduction
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int item = start; item < end; item++)
            {
                if (loops.StepA.C == 0)
                {
                    y[item] = default(TPlain).Result(Element<TV>(new BroadcastSum(loops, loops.StepA, item)), scale);
                    continue;
                }

                int c = item % chunks * TV.Lanes, first = (item / chunks * loops.Y.C) + c, count = Math.Min(TV.Lanes, loops.Y.C - c);
                TV joined = Register<TV>(new BroadcastSum(loops, loops.StepA, first), count);
                for (int lane = 0; lane < count; lane++)
                {
                    y[first + lane] = default(TPlain).Result(((float*)&joined)[lane], scale);
                }
            }
        }

        /// <summary>Neighbouring results, the first lanes of a register.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private TV Register<TV>(BroadcastSum places, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV begin = TV.Broadcast(default(TPlain).Start), total = begin;
            bool whole = count == TV.Lanes;
            for (int n = 0; n < places.N; n++)
            {
                TV ofN = begin;
                for (int h = 0; h < places.H; h++)
                {
                    TV ofH = begin;
                    float* from = x + places.Y + ((long)n * places.StepN) + ((long)h * places.StepH);
                    for (int w = 0; w < places.W; w++, from += places.StepW)
                    {
                        TV value = whole ? TV.Load(from) : Partial.Load<TV>(from, count);
                        ofH = default(TVector).Join(ofH, default(TVector).Element(value));
                    }

                    ofN = default(TVector).Join(ofN, ofH);
                }

                total = default(TVector).Join(total, ofN);
            }

            return total;
        }

        /// <summary>One result of whole rows: lanes are its neighbours in the row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float Element<TV>(BroadcastSum places)
            where TV : unmanaged, IVector<TV>
        {
            float begin = default(TPlain).Start, total = begin;
            for (int n = 0; n < places.N; n++)
            {
                for (int h = 0; h < places.H; h++)
                {
                    float ofH = begin;
                    float* from = x + places.Y + ((long)n * places.StepN) + ((long)h * places.StepH);
                    for (int w = 0; w < places.W; w++, from += places.StepW)
                    {
                        ofH = default(TPlain).Join(ofH, Row<TV>(from, places.C));
                    }

                    total = default(TPlain).Join(total, ofH);
                }
            }

            return total;
        }

        private static float Row<TV>(float* from, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV lanes = TV.Broadcast(default(TPlain).Start);
            int c = 0;
            for (; c <= count - TV.Lanes; c += TV.Lanes)
            {
                lanes = default(TVector).Join(lanes, default(TVector).Element(TV.Load(from + c)));
            }

            float row = default(TPlain).Start;
            for (int lane = 0; lane < TV.Lanes && c > 0; lane++)
            {
                row = default(TPlain).Join(row, ((float*)&lanes)[lane]);
            }

            for (; c < count; c++)
            {
                row = default(TPlain).Join(row, default(TPlain).Element(from[c]));
            }

            return row;
        }
    }
}
