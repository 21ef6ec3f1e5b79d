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
    /// <summary>Rows up to which writing dWeight as it lies is worth more than multiplying fast.</summary>
    private const int FewRows = 8;

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
        if (LinearRows.TryForward(host, x.HostPointer, weight.HostPointer, summands, y.HostPointer, rows, inputs, outputs, relu))
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
        if (outputs < LongDot)
        {
            return HostMatMul.TryForward(dy, weight, dx, 1, rows, outputs, inputs, false, true);
        }

        LinearDots.BackwardData(host, dy.HostPointer, weight.HostPointer, dx.HostPointer, rows, inputs, outputs);
        return true;
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight)
    {
        int rows = x.Shape.N, inputs = dWeight.Shape.N, outputs = dWeight.Shape.C;
        if (rows > FewRows || dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return HostMatMul.TryForward(x, dy, dWeight, 1, inputs, rows, outputs, true, false);
        }

        VectorDispatch.For(host, inputs, 2L * dWeight.Count, new OuterLoop(
            x.HostPointer, dy.HostPointer, dWeight.HostPointer, rows, inputs, outputs));
        return true;
    }

    /// <summary>An item is a row of dWeight.</summary>
    private readonly struct OuterLoop(float* x, float* dy, float* dWeight, int rows, int inputs, int outputs) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int i = start; i < end; i++)
            {
                float* target = dWeight + ((long)i * outputs);
                int c = 0;
                for (; c <= outputs - TV.Lanes; c += TV.Lanes)
                {
                    float* a = x + i, d = dy + c;
                    TV sum = default;
                    for (int n = 0; n < rows; n++, a += inputs, d += outputs)
                    {
                        TV.AddProduct(TV.Broadcast(*a), TV.Load(d), ref sum);
                    }

                    TV.Store(sum, target + c);
                }

                for (; c < outputs; c++)
                {
                    float sum = 0;
                    for (int n = 0; n < rows; n++)
                    {
                        sum = MathF.FusedMultiplyAdd(x[((long)n * inputs) + i], dy[((long)n * outputs) + c], sum);
                    }

                    target[c] = sum;
                }
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
