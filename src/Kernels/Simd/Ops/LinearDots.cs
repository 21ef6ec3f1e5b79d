using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// <c>dx = dy * turned weight</c>: each element is the dot product of a row of dy and a row of the weight, which goes by once, as it lies.
/// A tile is four rows by four rows, a sum per lane each.
/// </summary>
internal static unsafe class LinearDots
{
    private const int Tile = 4;

    /// <summary>Computes dx.</summary>
    public static void BackwardData(HostDevice host, float* dy, float* weight, float* dx, int rows, int inputs, int outputs) =>
        VectorDispatch.For(host, (inputs + Tile - 1) / Tile, (long)inputs * outputs, new RowsLoop(dy, weight, dx, rows, inputs, outputs));

    /// <summary>An item is four rows of the weight; behind the last one, the last again, which writes the same bits twice.</summary>
    private readonly struct RowsLoop(float* dy, float* weight, float* dx, int rows, int inputs, int outputs) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int item = start; item < end; item++)
            {
                int i = item * Tile;
                for (int n = 0; n < rows; n += n + Tile <= rows ? Tile : 1)
                {
                    if (n + Tile <= rows)
                    {
                        Four<TV>(n, i);
                    }
                    else
                    {
                        One<TV>(n, i);
                    }
                }
            }
        }

        /// <summary>Four rows of dy.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Four<TV>(int n, int i)
            where TV : unmanaged, IVector<TV>
        {
            float* w0 = Weight(i), w1 = Weight(i + 1), w2 = Weight(i + 2), w3 = Weight(i + 3);
            float* d0 = dy + ((long)n * outputs), d1 = d0 + outputs, d2 = d1 + outputs, d3 = d2 + outputs;
            TV s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
            TV s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
            int o = 0;
            for (; o <= outputs - TV.Lanes; o += TV.Lanes)
            {
                TV a = TV.Load(d0 + o), b = TV.Load(d1 + o), c = TV.Load(d2 + o), d = TV.Load(d3 + o), w = TV.Load(w0 + o);
                TV.AddProduct(a, w, ref s00);
                TV.AddProduct(b, w, ref s10);
                TV.AddProduct(c, w, ref s20);
                TV.AddProduct(d, w, ref s30);
                w = TV.Load(w1 + o);
                TV.AddProduct(a, w, ref s01);
                TV.AddProduct(b, w, ref s11);
                TV.AddProduct(c, w, ref s21);
                TV.AddProduct(d, w, ref s31);
                w = TV.Load(w2 + o);
                TV.AddProduct(a, w, ref s02);
                TV.AddProduct(b, w, ref s12);
                TV.AddProduct(c, w, ref s22);
                TV.AddProduct(d, w, ref s32);
                w = TV.Load(w3 + o);
                TV.AddProduct(a, w, ref s03);
                TV.AddProduct(b, w, ref s13);
                TV.AddProduct(c, w, ref s23);
                TV.AddProduct(d, w, ref s33);
            }

            Write(n, i, s00, s01, s02, s03, o, w0, w1, w2, w3, d0);
            Write(n + 1, i, s10, s11, s12, s13, o, w0, w1, w2, w3, d1);
            Write(n + 2, i, s20, s21, s22, s23, o, w0, w1, w2, w3, d2);
            Write(n + 3, i, s30, s31, s32, s33, o, w0, w1, w2, w3, d3);
        }

        /// <summary>One row of dy.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void One<TV>(int n, int i)
            where TV : unmanaged, IVector<TV>
        {
            float* w0 = Weight(i), w1 = Weight(i + 1), w2 = Weight(i + 2), w3 = Weight(i + 3), d0 = dy + ((long)n * outputs);
            TV s0 = default, s1 = default, s2 = default, s3 = default;
            int o = 0;
            for (; o <= outputs - TV.Lanes; o += TV.Lanes)
            {
                TV d = TV.Load(d0 + o);
                TV.AddProduct(d, TV.Load(w0 + o), ref s0);
                TV.AddProduct(d, TV.Load(w1 + o), ref s1);
                TV.AddProduct(d, TV.Load(w2 + o), ref s2);
                TV.AddProduct(d, TV.Load(w3 + o), ref s3);
            }

            Write(n, i, s0, s1, s2, s3, o, w0, w1, w2, w3, d0);
        }

        private float* Weight(int row) => weight + ((long)Math.Min(row, inputs - 1) * outputs);

        /// <summary>Adds the lanes and what is left of the rows, and stores.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Write<TV>(
            int n, int i, TV s0, TV s1, TV s2, TV s3, int o, float* w0, float* w1, float* w2, float* w3, float* d)
            where TV : unmanaged, IVector<TV>
        {
            float t0 = TV.Sum(s0), t1 = TV.Sum(s1), t2 = TV.Sum(s2), t3 = TV.Sum(s3);
            for (; o < outputs; o++)
            {
                t0 = MathF.FusedMultiplyAdd(d[o], w0[o], t0);
                t1 = MathF.FusedMultiplyAdd(d[o], w1[o], t1);
                t2 = MathF.FusedMultiplyAdd(d[o], w2[o], t2);
                t3 = MathF.FusedMultiplyAdd(d[o], w3[o], t3);
            }

            float* target = dx + ((long)n * inputs);
            target[i] = t0;
            target[Math.Min(i + 1, inputs - 1)] = t1;
            target[Math.Min(i + 2, inputs - 1)] = t2;
            target[Math.Min(i + 3, inputs - 1)] = t3;
        }
    }
}
