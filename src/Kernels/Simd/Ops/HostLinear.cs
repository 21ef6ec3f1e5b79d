using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.Linear"/>. All its products are one: rows of a, read through two strides, times a matrix
/// [depth, columns] whose rows are padded to whole vectors; sums run in the order of depth.
/// <code>
/// Forward         y [N, out]        = x [N, in]    * weight [in, out] + bias
/// BackwardData    dx [N, in]        = dy [N, out]  * turned weight [out, in]
/// BackwardWeight  dWeight [in, out] = turned x [in, N] * dy [N, out]
/// </code>
/// </summary>
internal static unsafe class HostLinear
{
    private const int MatrixSlot = 0;
    private const int BiasSlot = 1;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int inputs = weight.Shape.N, outputs = weight.Shape.C;
        var rows = new Rows(x.HostPointer, x.Shape.N, inputs, 1);
        float* biasPointer = bias == null ? null : bias.HostPointer;
        Multiply(host, rows, weight.HostPointer, outputs, 1, inputs, outputs, biasPointer, y.HostPointer);
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, Tensor weight, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int inputs = weight.Shape.N, outputs = weight.Shape.C;
        var rows = new Rows(dy.HostPointer, dy.Shape.N, outputs, 1);
        Multiply(host, rows, weight.HostPointer, 1, outputs, outputs, inputs, null, dx.HostPointer);
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
        Multiply(host, turned, dy.HostPointer, outputs, 1, x.Shape.N, outputs, null, dWeight.HostPointer);
        return true;
    }

    /// <summary>
    /// y [a.Count, columns] = a * matrix + bias; element (k, column) of the matrix lies at k * kStep + column * columnStep.
    /// </summary>
    private static void Multiply(
        HostDevice host, Rows a, float* matrix, int kStep, int columnStep, int depth, int columns, float* bias, float* y)
    {
        int lanes = host.VectorBits / 32, padded = (columns + lanes - 1) / lanes * lanes;
        if (columnStep != 1 || padded != columns)
        {
            matrix = Pack(matrix, kStep, columnStep, depth, columns, padded, MatrixSlot);
        }

        if (bias != null && padded != columns)
        {
            bias = Pack(bias, columns, 1, 1, columns, padded, BiasSlot);
        }

        VectorDispatch.For(host, a.Count, (long)a.Count * depth * padded / 4, new ProductLoop(a, matrix, depth, columns, padded, bias, y));
    }

    private static float* Pack(float* source, int kStep, int columnStep, int depth, int columns, int padded, int slot)
    {
        float* target = Scratch.Get(slot, (long)depth * padded);
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

    private readonly struct ProductLoop(Rows a, float* matrix, int depth, int columns, int padded, float* bias, float* y) : IVectorLoop
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

                    if (bias != null)
                    {
                        TV b = TV.Load(bias + c);
                        sum0 += b;
                        sum1 += b;
                        sum2 += b;
                        sum3 += b;
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
                WriteFirst(sum, target, columns - column);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void WriteFirst<TV>(TV value, float* target, int count)
            where TV : unmanaged, IVector<TV>
        {
            for (int lane = 0; lane < count; lane++)
            {
                target[lane] = ((float*)&value)[lane];
            }
        }
    }
}
