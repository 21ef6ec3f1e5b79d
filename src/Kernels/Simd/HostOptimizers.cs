using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The optimizers' updates, vectorised; formulas in <see cref="Ops.Adam"/> and <see cref="Ops.Sgd"/>.</summary>
internal static unsafe class HostOptimizers
{
    /// <summary>Elements that one thread updates faster than another one wakes up.</summary>
    private const int OneThread = 8192;

    /// <summary>Updates parameter, m and v if they lie on a vectorised host.</summary>
    public static bool TryAdam(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float oneMinusBeta1, float beta2, float oneMinusBeta2,
        float stepSize, float rootCorrection2, float epsilon, float weightDecay)
    {
        if (parameter.Device is not HostDevice { Vectorized: true } host)
            return false;
        float* p = parameter.HostPointer, g = gradient.HostPointer, mp = m.HostPointer, vp = v.HostPointer;
        var settings = new AdamSettings(oneMinusBeta1, beta2, oneMinusBeta2, stepSize, rootCorrection2, epsilon, weightDecay);
        Split(host, parameter.Count, (from, to) =>
        {
            switch (host.VectorBits)
            {
                case 512:
                    Adam<V512>(p, g, mp, vp, from, to, settings);
                    break;
                case 256:
                    Adam<V256>(p, g, mp, vp, from, to, settings);
                    break;
                default:
                    Adam<V128>(p, g, mp, vp, from, to, settings);
                    break;
            }
        });
        return true;
    }

    /// <summary>Updates parameter and velocity (null without momentum) if they lie on a vectorised host.</summary>
    public static bool TrySgd(Tensor parameter, Tensor gradient, Tensor? velocity, float learningRate, float momentum, float weightDecay)
    {
        if (parameter.Device is not HostDevice { Vectorized: true } host)
            return false;
        float* p = parameter.HostPointer, g = gradient.HostPointer, v = velocity == null ? null : velocity.HostPointer;
        Split(host, parameter.Count, (from, to) =>
        {
            switch (host.VectorBits)
            {
                case 512:
                    Sgd<V512>(p, g, v, from, to, learningRate, momentum, weightDecay);
                    break;
                case 256:
                    Sgd<V256>(p, g, v, from, to, learningRate, momentum, weightDecay);
                    break;
                default:
                    Sgd<V128>(p, g, v, from, to, learningRate, momentum, weightDecay);
                    break;
            }
        });
        return true;
    }

    private static void Split(HostDevice host, int count, Action<int, int> range)
    {
        if (count <= OneThread)
            range(0, count);
        else
            host.Threads.For(count, range);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Adam<TV>(float* parameter, float* gradient, float* m, float* v, int from, int to, AdamSettings s)
        where TV : unmanaged, IVector<TV>
    {
        var i = from;
        for (; i + TV.Lanes <= to; i += TV.Lanes)
        {
            Adam<TV>(parameter + i, gradient + i, m + i, v + i, s);
        }

        if (i < to)
        {
            var rest = stackalloc float[4 * TV.Lanes];
            int count = to - i, lanes = TV.Lanes;
            Copy(parameter + i, rest, count);
            Copy(gradient + i, rest + lanes, count);
            Copy(m + i, rest + (2 * lanes), count);
            Copy(v + i, rest + (3 * lanes), count);
            Adam<TV>(rest, rest + lanes, rest + (2 * lanes), rest + (3 * lanes), s);
            Copy(rest, parameter + i, count);
            Copy(rest + (2 * lanes), m + i, count);
            Copy(rest + (3 * lanes), v + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Adam<TV>(float* parameter, float* gradient, float* m, float* v, AdamSettings s)
        where TV : unmanaged, IVector<TV>
    {
        TV p = TV.Load(parameter), mean = TV.Load(m);
        var g = TV.MulAdd(TV.Broadcast(s.WeightDecay), p, TV.Load(gradient));
        mean = TV.MulAdd(TV.Broadcast(s.OneMinusBeta1), g - mean, mean);
        var square = TV.MulAdd(TV.Broadcast(s.OneMinusBeta2) * g, g, TV.Broadcast(s.Beta2) * TV.Load(v));
        var divisor = (TV.Sqrt(square) / TV.Broadcast(s.RootCorrection2)) + TV.Broadcast(s.Epsilon);
        TV.Store(mean, m);
        TV.Store(square, v);
        TV.Store(p - (TV.Broadcast(s.StepSize) * mean / divisor), parameter);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sgd<TV>(
        float* parameter, float* gradient, float* velocity, int from, int to, float learningRate, float momentum, float weightDecay)
        where TV : unmanaged, IVector<TV>
    {
        var i = from;
        for (; i + TV.Lanes <= to; i += TV.Lanes)
        {
            var p = TV.Load(parameter + i);
            var step = TV.MulAdd(TV.Broadcast(weightDecay), p, TV.Load(gradient + i));
            if (velocity != null)
            {
                step = TV.MulAdd(TV.Broadcast(momentum), TV.Load(velocity + i), step);
                TV.Store(step, velocity + i);
            }

            TV.Store(TV.MulAdd(TV.Broadcast(-learningRate), step, p), parameter + i);
        }

        for (; i < to; i++)
        {
            float step = gradient[i] + (weightDecay * parameter[i]);
            if (velocity != null)
            {
                step = velocity[i] = (momentum * velocity[i]) + step;
            }

            parameter[i] -= learningRate * step;
        }
    }

    private static void Copy(float* source, float* target, int count) =>
        new Span<float>(source, count).CopyTo(new Span<float>(target, count));

    private readonly record struct AdamSettings(
        float OneMinusBeta1, float Beta2, float OneMinusBeta2, float StepSize, float RootCorrection2, float Epsilon, float WeightDecay);
}
