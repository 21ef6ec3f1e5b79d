using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// <c>y = x * weight + bias</c> for few rows of x: eight rows of the weight at a time go by, and what they give is added to the sums of
/// all rows of x, which lie in cache. So the weight is read once, as it lies. Lanes are columns.
/// </summary>
internal static unsafe class LinearRows
{
    /// <summary>The most rows of x.</summary>
    public const int MostRows = 48;

    private const int SumsSlot = 0;

    /// <summary>Rows of the weight that go by at a time; their vectors lie in registers.</summary>
    private const int Depth = 8;

    /// <summary>Rows from the middle of those that go by to the first that is fetched meanwhile.</summary>
    private const long Ahead = Depth - 4;

    /// <summary>Columns are dealt out by as many: four lines of cache.</summary>
    private const int Unit = 64;

    /// <summary>Floats of the sums that are worked on, in the first cache.</summary>
    private const int SumFloats = 6144;

    /// <summary>Computes y; false where there are more rows, or fewer columns than lanes.</summary>
    public static bool TryForward(
        HostDevice host, float* x, float* weight, float* bias, float* y, int rows, int inputs, int outputs, bool relu)
    {
        if (rows > MostRows)
        {
            return false;
        }

        // A stretch of a page for each turn of a thread, where there are as many columns.
        int units = (outputs + Unit - 1) / Unit, width = ((units - 1) / (2 * host.Threads.Count) + 1) * Unit;
        return VectorDispatch.ForChannels(host, outputs, (outputs + width - 1) / width, (long)inputs * outputs, new ColumnsLoop(
            x, weight, bias, y, rows, inputs, outputs, width, relu));
    }

    /// <summary>A sum with its bias, and ReLU if wished.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Finish<TV>(TV sum, TV bias, bool relu)
        where TV : unmanaged, IVector<TV>
    {
        sum += bias;
        return relu ? TV.SelectGreaterOrNaN(sum, default, sum, default) : sum;
    }

    private readonly struct ColumnsLoop(
        float* x, float* weight, float* bias, float* y, int rows, int inputs, int outputs, int width, bool relu) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int last = (int)Math.Min(outputs, (long)end * width), step = Math.Max(Unit, SumFloats / rows / Unit * Unit);
            for (int from = start * width; from < last; from += step)
            {
                Columns<TV>(from, Math.Min(last, from + step));
            }
        }

        /// <summary>Some columns: the last vector may overlap its neighbour, and has sums of its own.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Columns<TV>(int from, int to)
            where TV : unmanaged, IVector<TV>
        {
            int vectors = (to - from + TV.Lanes - 1) / TV.Lanes, pitch = vectors * TV.Lanes;
            float* sums = Scratch.Get(SumsSlot, (long)rows * pitch);
            new Span<float>(sums, rows * pitch).Clear();
            float* taken = stackalloc float[MostRows * Depth];
            int k = 0;
            for (; k <= inputs - Depth; k += Depth)
            {
                // Rows that are many pages apart would push each other out of the cache.
                for (int row = 0; row < rows; row++)
                {
                    new ReadOnlySpan<float>(x + ((long)row * inputs) + k, Depth).CopyTo(new Span<float>(taken + (row * Depth), Depth));
                }

                for (int v = 0; v < vectors; v++)
                {
                    float* w = weight + ((long)k * outputs) + Column<TV>(from, v), sum = sums + (v * TV.Lanes), a = taken;
                    TV w0 = TV.Load(w), w1 = TV.Load(w + outputs), w2 = TV.Load(w + (2L * outputs)), w3 = TV.Load(w + (3L * outputs));
                    w += 4L * outputs;
                    TV w4 = TV.Load(w), w5 = TV.Load(w + outputs), w6 = TV.Load(w + (2L * outputs)), w7 = TV.Load(w + (3L * outputs));
                    Prefetch.Lines8(w + (Ahead * outputs), outputs);
                    for (int row = 0; row < rows; row++, sum += pitch, a += Depth)
                    {
                        TV s = TV.MulAdd(TV.Broadcast(a[0]), w0, TV.Load(sum));
                        TV.AddProduct(TV.Broadcast(a[1]), w1, ref s);
                        TV.AddProduct(TV.Broadcast(a[2]), w2, ref s);
                        TV.AddProduct(TV.Broadcast(a[3]), w3, ref s);
                        TV.AddProduct(TV.Broadcast(a[4]), w4, ref s);
                        TV.AddProduct(TV.Broadcast(a[5]), w5, ref s);
                        TV.AddProduct(TV.Broadcast(a[6]), w6, ref s);
                        TV.AddProduct(TV.Broadcast(a[7]), w7, ref s);
                        TV.Store(s, sum);
                    }
                }
            }

            for (; k < inputs; k++)
            {
                for (int v = 0; v < vectors; v++)
                {
                    TV w = TV.Load(weight + ((long)k * outputs) + Column<TV>(from, v));
                    float* sum = sums + (v * TV.Lanes), a = x + k;
                    for (int row = 0; row < rows; row++, sum += pitch, a += inputs)
                    {
                        TV.Store(TV.MulAdd(TV.Broadcast(*a), w, TV.Load(sum)), sum);
                    }
                }
            }

            for (int v = 0; v < vectors; v++)
            {
                int column = Column<TV>(from, v);
                TV summand = bias == null ? default : TV.Load(bias + column);
                for (int row = 0; row < rows; row++)
                {
                    TV.Store(Finish(TV.Load(sums + (row * pitch) + (v * TV.Lanes)), summand, relu), y + ((long)row * outputs) + column);
                }
            }
        }

        /// <summary>The first column of a vector, which lies inside the matrix.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private int Column<TV>(int from, int vector)
            where TV : unmanaged, IVector<TV> => Math.Min(from + (vector * TV.Lanes), outputs - TV.Lanes);
    }
}
