using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// <see cref="Ops.Softmax"/> and <see cref="Ops.SoftmaxCrossEntropy"/> over pointers, threaded over rows. Where rows are short vectors
/// would gain nothing: the arithmetic is the plain kernels'.
/// </summary>
internal static unsafe class HostSoftmax
{
    /// <summary>Elements of a row from which on it is done in vectors.</summary>
    private const int Long = 64;

    /// <summary>What an exponential costs, in floats read or written.</summary>
    private const int ExponentialCost = 8;

    /// <summary>Computes the probabilities if their device is a vectorised host.</summary>
    public static bool TryForward(Tensor logits, Tensor probabilities)
    {
        if (probabilities.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int channels = logits.Shape.C;
        VectorDispatch.For(host, logits.Count / channels, (long)ExponentialCost * logits.Count, new ForwardLoop(
            logits.HostPointer, probabilities.HostPointer, channels));
        return true;
    }

    /// <summary>Computes losses and dLogits, the latter times a factor, if their device is a vectorised host.</summary>
    public static bool TryCrossEntropy(Tensor logits, DeviceBuffer<int> labels, Tensor losses, Tensor dLogits, float scale)
    {
        if (dLogits.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Shape shape = logits.Shape;
        VectorDispatch.For(host, shape.N, (long)ExponentialCost * shape.Count, new CrossEntropyLoop(
            logits.HostPointer, labels.HostPointer(), losses.HostPointer, dLogits.HostPointer, shape.C, scale));
        return true;
    }

    /// <summary>Writes e^(logits - max) and returns its sum.</summary>
    private static float Exponentials(float* logits, float* target, int count, out float max)
    {
        max = logits[0];
        for (int c = 1; c < count; c++)
        {
            max = logits[c] > max ? logits[c] : max;
        }

        float sum = 0;
        for (int c = 0; c < count; c++)
        {
            float e = MathF.Exp(logits[c] - max);
            target[c] = e;
            sum += e;
        }

        return sum;
    }

    private readonly struct ForwardLoop(float* logits, float* probabilities, int channels) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int row = start; row < end; row++)
            {
                float* target = probabilities + ((long)row * channels);
                if (channels >= Long)
                {
                    LongRow<TV>(logits + ((long)row * channels), target, channels);
                    continue;
                }

                float sum = Exponentials(logits + ((long)row * channels), target, channels, out _);
                for (int c = 0; c < channels; c++)
                {
                    target[c] /= sum;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void LongRow<TV>(float* from, float* target, int count)
            where TV : unmanaged, IVector<TV>
        {
            int whole = count - (count % TV.Lanes), left = count - whole;
            TV largest = TV.Load(from);
            for (int c = TV.Lanes; c < whole; c += TV.Lanes)
            {
                TV value = TV.Load(from + c);
                largest = TV.SelectGreater(value, largest, value, largest);
            }

            float max = float.NegativeInfinity;
            for (int lane = 0; lane < TV.Lanes; lane++)
            {
                max = Math.Max(max, ((float*)&largest)[lane]);
            }

            for (int c = whole; c < count; c++)
            {
                max = Math.Max(max, from[c]);
            }

            TV shift = TV.Broadcast(max), sums = default;
            for (int c = 0; c < whole; c += TV.Lanes)
            {
                TV e = VectorMath.Exp(TV.Load(from + c) - shift);
                sums += e;
                TV.Store(e, target + c);
            }

            TV rest = VectorMath.Exp(Partial.Load<TV>(from + whole, left) - shift);
            float sum = TV.Sum(sums);
            for (int lane = 0; lane < left; lane++)
            {
                sum += ((float*)&rest)[lane];
            }

            TV share = TV.Broadcast(1 / sum);
            for (int c = 0; c < whole; c += TV.Lanes)
            {
                TV.Store(TV.Load(target + c) * share, target + c);
            }

            Partial.Store(rest * share, target + whole, left);
        }
    }

    private readonly struct CrossEntropyLoop(
        float* logits, int* labels, float* losses, float* dLogits, int channels, float scale) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int row = start; row < end; row++)
            {
                float* source = logits + ((long)row * channels), target = dLogits + ((long)row * channels);
                int label = labels[row];
                if ((uint)label >= (uint)channels)
                {
                    losses[row] = float.NaN;
                    new Span<float>(target, channels).Fill(float.NaN);
                    continue;
                }

                // Read first: source and target may be the same row.
                float chosen = source[label], sum = Exponentials(source, target, channels, out float max);
                losses[row] = MathF.Log(sum) - (chosen - max);
                for (int c = 0; c < channels; c++)
                {
                    target[c] = ((target[c] / sum) - (c == label ? 1f : 0f)) * scale;
                }
            }
        }
    }
}
