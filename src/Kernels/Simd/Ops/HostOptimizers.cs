using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The optimizers' updates, vectorised; formulas in <see cref="Ops.Adam"/> and <see cref="Ops.Sgd"/>. The tails round as the
/// vectors do, so that the bits do not depend on where a thread's range ends.
/// </summary>
internal static unsafe class HostOptimizers
{
    /// <summary>Updates parameter, m and v if they lie on a vectorised host.</summary>
    public static bool TryAdam(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float oneMinusBeta1, float beta2, float oneMinusBeta2,
        float stepSize, float rootCorrection2, float epsilon, float weightDecay)
    {
        if (parameter.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var settings = new AdamSettings(oneMinusBeta1, beta2, oneMinusBeta2, stepSize, rootCorrection2, epsilon, weightDecay);
        VectorDispatch.For(host, parameter.Count, 7L * parameter.Count, new AdamLoop(
            parameter.HostPointer, gradient.HostPointer, m.HostPointer, v.HostPointer, settings));
        return true;
    }

    /// <summary>Updates parameter and velocity (null without momentum) if they lie on a vectorised host.</summary>
    public static bool TrySgd(Tensor parameter, Tensor gradient, Tensor? velocity, float learningRate, float momentum, float weightDecay)
    {
        if (parameter.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, parameter.Count, 5L * parameter.Count, new SgdLoop(
            parameter.HostPointer, gradient.HostPointer, velocity == null ? null : velocity.HostPointer, learningRate, momentum,
            weightDecay));
        return true;
    }

    private readonly record struct AdamSettings(
        float OneMinusBeta1, float Beta2, float OneMinusBeta2, float StepSize, float RootCorrection2, float Epsilon, float WeightDecay);

    private readonly struct AdamLoop(float* parameter, float* gradient, float* m, float* v, AdamSettings s) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            TV decay = TV.Broadcast(s.WeightDecay), oneMinusBeta1 = TV.Broadcast(s.OneMinusBeta1), beta2 = TV.Broadcast(s.Beta2);
            TV oneMinusBeta2 = TV.Broadcast(s.OneMinusBeta2), root = TV.Broadcast(s.RootCorrection2), step = TV.Broadcast(s.StepSize);
            TV epsilon = TV.Broadcast(s.Epsilon);
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV p = TV.Load(parameter + i), mean = TV.Load(m + i);
                TV g = TV.MulAdd(decay, p, TV.Load(gradient + i));
                mean = TV.MulAdd(oneMinusBeta1, g - mean, mean);
                TV square = TV.MulAdd(oneMinusBeta2 * g, g, beta2 * TV.Load(v + i));
                TV.Store(mean, m + i);
                TV.Store(square, v + i);
                TV.Store(p - (step * mean / ((TV.Sqrt(square) / root) + epsilon)), parameter + i);
            }

            for (; i < end; i++)
            {
                float g = MathF.FusedMultiplyAdd(s.WeightDecay, parameter[i], gradient[i]);
                float mean = MathF.FusedMultiplyAdd(s.OneMinusBeta1, g - m[i], m[i]);
                float square = MathF.FusedMultiplyAdd(s.OneMinusBeta2 * g, g, s.Beta2 * v[i]);
                m[i] = mean;
                v[i] = square;
                parameter[i] -= s.StepSize * mean / ((MathF.Sqrt(square) / s.RootCorrection2) + s.Epsilon);
            }
        }
    }

    private readonly struct SgdLoop(
        float* parameter, float* gradient, float* velocity, float learningRate, float momentum, float weightDecay) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            TV decay = TV.Broadcast(weightDecay), kept = TV.Broadcast(momentum), rate = TV.Broadcast(-learningRate);
            int i = start;
            for (; i <= end - TV.Lanes; i += TV.Lanes)
            {
                TV p = TV.Load(parameter + i);
                TV step = TV.MulAdd(decay, p, TV.Load(gradient + i));
                if (velocity != null)
                {
                    step = TV.MulAdd(kept, TV.Load(velocity + i), step);
                    TV.Store(step, velocity + i);
                }

                TV.Store(TV.MulAdd(rate, step, p), parameter + i);
            }

            for (; i < end; i++)
            {
                float step = MathF.FusedMultiplyAdd(weightDecay, parameter[i], gradient[i]);
                if (velocity != null)
                {
                    step = velocity[i] = MathF.FusedMultiplyAdd(momentum, velocity[i], step);
                }

                parameter[i] = MathF.FusedMultiplyAdd(-learningRate, step, parameter[i]);
            }
        }
    }
}
