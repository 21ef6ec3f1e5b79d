using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.ChannelAffine"/> and <see cref="Ops.BatchNormalization"/>, which is one once its factors are worked
/// out. Factors and summands are repeated until whole registers hold whole pixels, so that any number of channels fills them.
/// </summary>
internal static unsafe class HostChannelAffine
{
    private const int ScaleSlot = 0;
    private const int BiasSlot = 1;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor scale, Tensor bias, Tensor y, bool relu)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var patterns = new Patterns(host, x.Shape.C);
        new ReadOnlySpan<float>(scale.HostPointer, x.Shape.C).CopyTo(new Span<float>(patterns.Factors, x.Shape.C));
        new ReadOnlySpan<float>(bias.HostPointer, x.Shape.C).CopyTo(new Span<float>(patterns.Summands, x.Shape.C));
        Run(host, x, y, patterns, relu);
        return true;
    }

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryNormalize(
        IReadOnlyList<Tensor> parts, Tensor scale, Tensor bias, Tensor mean, Tensor variance, float epsilon, Tensor y, bool relu)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int channels = y.Shape.C;
        var patterns = new Patterns(host, channels);
        WriteFactors(scale, variance, epsilon, patterns.Factors);
        float* centre = mean.HostPointer, offset = bias.HostPointer;
        for (int c = 0; c < channels; c++)
        {
            patterns.Summands[c] = offset[c] - (centre[c] * patterns.Factors[c]);
        }

        if (parts.Count == 1)
        {
            Run(host, parts[0], y, patterns, relu);
            return true;
        }

        var places = new Part[parts.Count];
        for (int i = 0, from = 0; i < places.Length; from += parts[i++].Shape.C)
        {
            places[i] = new Part(parts[i].HostPointer, parts[i].Shape.C, from);
        }

        VectorDispatch.For(host, y.Count / channels, 2L * y.Count, new PartsLoop(
            places, patterns, y.HostPointer, channels, relu ? 0 : float.NegativeInfinity));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryNormalizeBackward(Tensor dy, Tensor scale, Tensor variance, float epsilon, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var patterns = new Patterns(host, dy.Shape.C);
        WriteFactors(scale, variance, epsilon, patterns.Factors);
        new Span<float>(patterns.Summands, dy.Shape.C).Clear();
        Run(host, dy, dx, patterns, false);
        return true;
    }

    private static void WriteFactors(Tensor scale, Tensor variance, float epsilon, float* factors)
    {
        float* from = scale.HostPointer, spread = variance.HostPointer;
        for (int c = 0; c < scale.Count; c++)
        {
            factors[c] = from[c] / MathF.Sqrt(spread[c] + epsilon);
        }
    }

    /// <summary>The first of the patterns are the channels'; this repeats them and runs.</summary>
    private static void Run(HostDevice host, Tensor x, Tensor y, Patterns patterns, bool relu)
    {
        int channels = x.Shape.C;
        for (int i = channels; i < patterns.Length; i++)
        {
            patterns.Factors[i] = patterns.Factors[i - channels];
            patterns.Summands[i] = patterns.Summands[i - channels];
        }

        VectorDispatch.For(host, x.Count / channels, 2L * x.Count, new PixelLoop(
            x.HostPointer, patterns, y.HostPointer, channels, relu ? 0 : float.NegativeInfinity));
    }

    /// <summary>Factors and summands, and after how many elements both begin again at the start of a register.</summary>
    private readonly struct Patterns
    {
        public readonly float* Factors, Summands;
        public readonly int Length;

        public Patterns(HostDevice host, int channels)
        {
            Length = channels;
            while (Length % (host.VectorBits / 32) != 0)
            {
                Length *= 2;
            }

            Factors = Scratch.Get(ScaleSlot, Length);
            Summands = Scratch.Get(BiasSlot, Length);
        }
    }

    private readonly struct PixelLoop(float* x, Patterns patterns, float* y, int channels, float floor) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* source = x + ((long)start * channels), target = y + ((long)start * channels);
            float* factor = patterns.Factors, summand = patterns.Summands;
            TV lowest = TV.Broadcast(floor);
            long count = (long)(end - start) * channels, i = 0;
            int period = patterns.Length, pair = TV.Lanes * 2;
            for (; i <= count - period; i += period)
            {
                int at = 0;
                for (; at <= period - pair; at += pair)
                {
                    TV first = TV.MulAdd(TV.Load(source + i + at), TV.Load(factor + at), TV.Load(summand + at));
                    int next = at + TV.Lanes;
                    TV second = TV.MulAdd(TV.Load(source + i + next), TV.Load(factor + next), TV.Load(summand + next));
                    TV.Store(TV.Max(lowest, first), target + i + at);
                    TV.Store(TV.Max(lowest, second), target + i + next);
                }

                if (at < period)
                {
                    TV last = TV.MulAdd(TV.Load(source + i + at), TV.Load(factor + at), TV.Load(summand + at));
                    TV.Store(TV.Max(lowest, last), target + i + at);
                }
            }

            for (int at = 0; i < count; i += TV.Lanes, at += TV.Lanes)
            {
                int left = (int)Math.Min(TV.Lanes, count - i);
                TV from = left == TV.Lanes ? TV.Load(source + i) : Partial.Load<TV>(source + i, left);
                TV value = TV.Max(lowest, TV.MulAdd(from, TV.Load(factor + at), TV.Load(summand + at)));
                if (left == TV.Lanes)
                {
                    TV.Store(value, target + i);
                }
                else
                {
                    Partial.Store(value, target + i, left);
                }
            }
        }
    }

    /// <summary>Channels that lie together, and which of y they become.</summary>
    private readonly struct Part(float* start, int channels, int from)
    {
        public readonly float* Start = start;
        public readonly int Channels = channels, From = from;
    }

    /// <summary>An item is a pixel.</summary>
    private readonly struct PartsLoop(Part[] parts, Patterns patterns, float* y, int channels, float floor) : IVectorLoop
    {
        /// <summary>Pixels whose results stay in cache until all their channels are there.</summary>
        private const int Block = 32;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            TV lowest = TV.Broadcast(floor);
            for (int first = start; first < end; first += Block)
            {
                int pixels = Math.Min(Block, end - first);
                foreach (Part part in parts)
                {
                    float* source = part.Start + ((long)first * part.Channels), target = y + ((long)first * channels) + part.From;
                    float* factors = patterns.Factors + part.From, summands = patterns.Summands + part.From;
                    int c = 0;
                    for (; c <= part.Channels - TV.Lanes; c += TV.Lanes)
                    {
                        TV factor = TV.Load(factors + c), summand = TV.Load(summands + c);
                        float* from = source + c, to = target + c;
                        for (int p = 0; p < pixels; p++, from += part.Channels, to += channels)
                        {
                            TV value = TV.MulAdd(TV.Load(from), factor, summand);
                            TV.Store(TV.SelectGreater(lowest, value, lowest, value), to);
                        }
                    }

                    for (int left = part.Channels - c, p = 0; left > 0 && p < pixels; p++)
                    {
                        TV value = TV.MulAdd(
                            Partial.Load<TV>(source + ((long)p * part.Channels) + c, left), Partial.Load<TV>(factors + c, left),
                            Partial.Load<TV>(summands + c, left));
                        Partial.Store(TV.SelectGreater(lowest, value, lowest, value), target + ((long)p * channels) + c, left);
                    }
                }
            }
        }
    }
}
