using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.Linear"/>. With few rows (images) all is bound by the bytes of the weight, so each product reads or
/// writes it once, in the order of memory and on all threads:
/// <code>
/// Forward         y [N, out]        = x [N, in]    * weight [in, out] + bias     <see cref="LinearRows"/>
/// BackwardData    dx [N, in]        = dy [N, out]  * turned weight [out, in]     <see cref="LinearDots"/>
/// BackwardWeight  dWeight [in, out] = turned x [in, N] * dy [N, out]             here
/// </code>
/// With many rows panels of the weight stay in cache (<see cref="HostMatMul"/>). Sums run in the order of depth, but for dot products
/// along a row of the weight, which have a sum per lane.
/// </summary>
internal static unsafe class HostLinear
{
    private const int MatrixSlot = 0;

    /// <summary>Rows from which on packing the weight costs less than it saves.</summary>
    private const int ManyRows = 48;

    /// <summary>Length of a dot product from which on it is worth a sum per lane.</summary>
    private const int LongDot = 64;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor weight, Tensor? bias, Tensor y, bool relu)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int rows = x.Shape.N, inputs = weight.Shape.N, outputs = weight.Shape.C;
        float* summands = bias == null ? null : bias.HostPointer;
        if (rows < ManyRows && LinearRows.TryForward(
            host, x.HostPointer, weight.HostPointer, summands, y.HostPointer, rows, inputs, outputs, relu))
        {
            return true;
        }

        HostMatMul.TryForward(x, weight, y, 1, rows, inputs, outputs, false, false);
        if (summands != null || relu)
        {
            VectorDispatch.For(host, rows, 2L * rows * outputs, new FinishLoop(y.HostPointer, summands, outputs, relu));
        }

        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, Tensor weight, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int rows = dy.Shape.N, inputs = weight.Shape.N, outputs = weight.Shape.C;
        if (outputs >= LongDot)
        {
            LinearDots.BackwardData(host, dy.HostPointer, weight.HostPointer, dx.HostPointer, rows, inputs, outputs);
        }
        else
        {
            var a = new Rows(dy.HostPointer, rows, outputs, 1);
            Multiply(host, a, weight.HostPointer, 1, outputs, outputs, inputs, dx.HostPointer);
        }

        return true;
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int inputs = dWeight.Shape.N, outputs = dWeight.Shape.C;
        var turned = new Rows(x.HostPointer, inputs, 1, inputs);
        Multiply(host, turned, dy.HostPointer, outputs, 1, x.Shape.N, outputs, dWeight.HostPointer);
        return true;
    }

    /// <summary>
    /// y [a.Count, columns] = a * matrix; element (k, column) of the matrix lies at k * kStep + column * columnStep. Its rows are padded to
    /// whole vectors.
    /// </summary>
    private static void Multiply(HostDevice host, Rows a, float* matrix, int kStep, int columnStep, int depth, int columns, float* y)
    {
        int lanes = host.VectorBits / 32, padded = (columns + lanes - 1) / lanes * lanes;
        if (columnStep != 1 || padded != columns)
        {
            matrix = Pack(matrix, kStep, columnStep, depth, columns, padded);
        }

        VectorDispatch.For(host, a.Count, (long)a.Count * depth * padded / 4, new ProductLoop(a, matrix, depth, columns, padded, y));
    }

    private static float* Pack(float* source, int kStep, int columnStep, int depth, int columns, int padded)
    {
        float* target = Scratch.Get(MatrixSlot, (long)depth * padded);
        for (int k = 0; k < depth; k++)
        {
            float* row = target + ((long)k * padded);
            for (int column = 0; column < columns; column++)
            {
                row[column] = source[((long)k * kStep) + ((long)column * columnStep)];
            }

            new Span<float>(row + columns, padded - columns).Clear();
        }

        return target;
    }

    /// <summary>A matrix read by rows: element (row, k) lies at row * RowStep + k * KStep.</summary>
    private readonly struct Rows(float* start, int count, int rowStep, int kStep)
    {
        public readonly float* Start = start;
        public readonly int Count = count;
        public readonly int RowStep = rowStep;
        public readonly int KStep = kStep;
    }

    private readonly struct ProductLoop(Rows a, float* matrix, int depth, int columns, int padded, float* y) : IVectorLoop
    {
        /// <summary>Four rows at a time; behind the last one, the last again, which writes the same bits twice.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = depth, width = padded, step = a.KStep;
            for (int row = start; row < end; row += 4)
            {
                int row1 = Math.Min(row + 1, end - 1), row2 = Math.Min(row + 2, end - 1), row3 = Math.Min(row + 3, end - 1);
                for (int c = 0; c < width; c += TV.Lanes)
                {
                    float* a0 = Row(row), a1 = Row(row1), a2 = Row(row2), a3 = Row(row3), line = matrix + c;
                    TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                    for (int k = 0; k < length; k++, line += width, a0 += step, a1 += step, a2 += step, a3 += step)
                    {
                        TV b = TV.Load(line);
                        sum0 = TV.MulAdd(TV.Broadcast(*a0), b, sum0);
                        sum1 = TV.MulAdd(TV.Broadcast(*a1), b, sum1);
                        sum2 = TV.MulAdd(TV.Broadcast(*a2), b, sum2);
                        sum3 = TV.MulAdd(TV.Broadcast(*a3), b, sum3);
                    }

                    Write(sum0, row, c);
                    Write(sum1, row1, c);
                    Write(sum2, row2, c);
                    Write(sum3, row3, c);
                }
            }
        }

        private float* Row(int row) => a.Start + ((long)row * a.RowStep);

        /// <summary>Stores the lanes that are columns of y.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Write<TV>(TV sum, int row, int column)
            where TV : unmanaged, IVector<TV>
        {
            float* target = y + ((long)row * columns) + column;
            if (column <= columns - TV.Lanes)
            {
                TV.Store(sum, target);
            }
            else
            {
                Partial.Store(sum, target, columns - column);
            }
        }
    }

    /// <summary>An item is a row: bias and ReLU.</summary>
    private readonly struct FinishLoop(float* y, float* bias, int columns, bool relu) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int row = start; row < end; row++)
            {
                float* target = y + ((long)row * columns);
                int c = 0;
                for (; c <= columns - TV.Lanes; c += TV.Lanes)
                {
                    TV.Store(LinearRows.Finish(TV.Load(target + c), bias == null ? default : TV.Load(bias + c), relu), target + c);
                }

                if (c < columns)
                {
                    TV summand = bias == null ? default : Partial.Load<TV>(bias + c, columns - c);
                    Partial.Store(LinearRows.Finish(Partial.Load<TV>(target + c, columns - c), summand, relu), target + c, columns - c);
                }
            }
        }
    }
}
