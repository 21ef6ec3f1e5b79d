using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay, as <c>torch.optim.SGD</c> defines it (no dampening, no
/// Nesterov): <c>g = gradient + weightDecay * parameter</c>; <c>velocity = momentum * velocity + g</c>;
/// <c>parameter -= learningRate * velocity</c>. With momentum 0 the velocity is g itself.
/// </summary>
/// <remarks>All tensors have one shape.</remarks>
public static class Sgd
{
    /// <summary>Updates <paramref name="parameter"/> and, with momentum, <paramref name="velocity"/>.</summary>
    /// <param name="parameter">Read and written.</param>
    /// <param name="gradient">Gradient of the loss.</param>
    /// <param name="velocity">Zero before the first step. Needed for a momentum other than 0, else neither read nor written.</param>
    /// <param name="learningRate">Step width.</param>
    /// <param name="momentum">Share of the velocity that is kept, 0 ≤ momentum &lt; 1.</param>
    /// <param name="weightDecay">L2 penalty, added to the gradient.</param>
    public static void Step(Tensor parameter, Tensor gradient, Tensor? velocity, float learningRate, float momentum, float weightDecay)
    {
        gradient.Expect(parameter.Shape);
        velocity?.Expect(parameter.Shape);
        if (momentum != 0 && velocity is null)
        {
            throw new ArgumentException($"tensor '{parameter.Name}': momentum {momentum} needs a velocity tensor", nameof(velocity));
        }

        if (HostOptimizers.TrySgd(parameter, gradient, momentum == 0 ? null : velocity, learningRate, momentum, weightDecay))
        {
            return;
        }

        if (momentum == 0)
        {
            parameter.Device.Launch(parameter.Count, new SgdKernel(parameter.View, gradient.View, learningRate, weightDecay));
            return;
        }

        parameter.Device.Launch(parameter.Count, new SgdMomentumKernel(
            parameter.View, gradient.View, velocity!.View, learningRate, momentum, weightDecay));
    }
}

/// <summary>One thread, one parameter.</summary>
internal readonly struct SgdKernel(ArrayView<float> parameter, ArrayView<float> gradient, float learningRate, float weightDecay) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float g = gradient[index] + (weightDecay * parameter[index]);
        parameter[index] -= learningRate * g;
    }
}

/// <summary>One thread, one parameter and its velocity.</summary>
internal readonly struct SgdMomentumKernel(
    ArrayView<float> parameter, ArrayView<float> gradient, ArrayView<float> velocity, float learningRate, float momentum, float weightDecay)
    : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float g = gradient[index] + (weightDecay * parameter[index]);
        float v = (momentum * velocity[index]) + g;
        velocity[index] = v;
        parameter[index] -= learningRate * v;
    }
}
