using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="LocalResponseNormalization"/>: lanes are channels, an item is a pixel. What a window sums up lies between
/// zeros, so that no channel asks for the ends. The usual power, 3/4, is two square roots.
/// </summary>
internal static unsafe class HostLocalResponseNormalization
{
    private const int SquareSlot = 0;
    private const int SumSlot = 1;
    private const int ShareSlot = 2;
    private const int PowerSlot = 3;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, ResponseRule rule)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, y.Count / rule.Channels, 8L * y.Count, new ForwardLoop(x.HostPointer, y.HostPointer, rule));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackward(Tensor x, Tensor y, Tensor dy, Tensor dx, ResponseRule rule)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Count / rule.Channels, 16L * dx.Count, new BackwardLoop(
            x.HostPointer, y.HostPointer, dy.HostPointer, dx.HostPointer, rule));
        return true;
    }

    /// <summary>Room for the channels rounded up to whole vectors, and for so many zeros on either side.</summary>
    private static int Room(ResponseRule rule) => rule.Channels + rule.Below + rule.Above + (2 * V512.Lanes);

    /// <summary>The channels rounded up to whole vectors.</summary>
    private static int Whole<TV>(ResponseRule rule)
        where TV : unmanaged, IVector<TV> => (rule.Channels + TV.Lanes - 1) / TV.Lanes * TV.Lanes;

    /// <summary>Writes s and s^-beta of all channels; behind the last they are those of zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Powers<TV>(float* x, float* squares, float* sums, float* powers, ResponseRule rule)
        where TV : unmanaged, IVector<TV>
    {
        float* own = squares + rule.Below;
        int channel = 0;
        for (; channel <= rule.Channels - TV.Lanes; channel += TV.Lanes)
        {
            TV value = TV.Load(x + channel);
            TV.Store(value * value, own + channel);
        }

        for (; channel < rule.Channels; channel++)
        {
            own[channel] = x[channel] * x[channel];
        }

        TV alpha = TV.Broadcast(rule.Alpha), bias = TV.Broadcast(rule.Bias);
        int whole = Whole<TV>(rule), window = rule.Below + rule.Above + 1;
        for (int c = 0; c < whole; c += TV.Lanes)
        {
            TV sum = TV.Load(squares + c);
            for (int j = 1; j < window; j++)
            {
                sum += TV.Load(squares + c + j);
            }

            sum = TV.MulAdd(alpha, sum, bias);
            TV.Store(sum, sums + c);
            TV root = TV.ReciprocalSqrt(sum);
            TV.Store(root * TV.Sqrt(root), powers + c);
        }

        for (int c = 0; c < rule.Channels && rule.Beta != 0.75f; c++)
        {
            powers[c] = MathF.Pow(sums[c], -rule.Beta);
        }
    }

    private readonly struct ForwardLoop(float* x, float* y, ResponseRule rule) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int room = Room(rule), channels = rule.Channels;
            float* squares = Scratch.Get(SquareSlot, room), sums = Scratch.Get(SumSlot, room), powers = Scratch.Get(PowerSlot, room);
            new Span<float>(squares, room).Clear();
            for (long pixel = start; pixel < end; pixel++)
            {
                float* source = x + (pixel * channels), target = y + (pixel * channels);
                Powers<TV>(source, squares, sums, powers, rule);
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV.Store(TV.Load(source + c) * TV.Load(powers + c), target + c);
                }

                for (; c < channels; c++)
                {
                    target[c] = source[c] * powers[c];
                }
            }
        }
    }

    private readonly struct BackwardLoop(float* x, float* y, float* dy, float* dx, ResponseRule rule) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int room = Room(rule), channels = rule.Channels, window = rule.Below + rule.Above + 1;
            float* squares = Scratch.Get(SquareSlot, room), sums = Scratch.Get(SumSlot, room), powers = Scratch.Get(PowerSlot, room);
            float* shares = Scratch.Get(ShareSlot, room);
            new Span<float>(squares, room).Clear();
            new Span<float>(shares, room).Clear();
            float factor = 2 * rule.Alpha * rule.Beta;
            for (long pixel = start; pixel < end; pixel++)
            {
                float* source = x + (pixel * channels), result = y + (pixel * channels);
                float* gradient = dy + (pixel * channels), target = dx + (pixel * channels);
                Powers<TV>(source, squares, sums, powers, rule);
                int at = 0;
                for (; at <= channels - TV.Lanes; at += TV.Lanes)
                {
                    TV.Store(TV.Load(gradient + at) * TV.Load(result + at) / TV.Load(sums + at), shares + rule.Above + at);
                }

                for (; at < channels; at++)
                {
                    shares[rule.Above + at] = gradient[at] * result[at] / sums[at];
                }

                // The sums of s are needed no more: here go those of the shares.
                for (int c = 0; c < channels; c += TV.Lanes)
                {
                    TV sum = TV.Load(shares + c);
                    for (int j = 1; j < window; j++)
                    {
                        sum += TV.Load(shares + c + j);
                    }

                    TV.Store(sum, sums + c);
                }

                for (at = 0; at <= channels - TV.Lanes; at += TV.Lanes)
                {
                    TV own = TV.Load(gradient + at) * TV.Load(powers + at);
                    TV.Store(own - (TV.Broadcast(factor) * TV.Load(source + at) * TV.Load(sums + at)), target + at);
                }

                for (; at < channels; at++)
                {
                    target[at] = (gradient[at] * powers[at]) - (factor * source[at] * sums[at]);
                }
            }
        }
    }
}
