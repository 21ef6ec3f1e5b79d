using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Adam as in PyTorch; see <see cref="Adam"/> for the formula.</summary>
public sealed class AdamOptimizer : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly double _weightDecay;

    /// <summary>An optimizer of <paramref name="parameters"/>.</summary>
    public AdamOptimizer(
        IReadOnlyList<Parameter> parameters, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], beta1, beta2, epsilon, weightDecay)
    {
    }

    /// <summary>An optimizer of the parameters of <paramref name="groups"/>.</summary>
    public AdamOptimizer(
        IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base("adam", groups)
    {
        (_beta1, _beta2, _epsilon, _weightDecay) = (beta1, beta2, epsilon, weightDecay);
        CreateState("m");
        CreateState("v");
    }

    /// <inheritdoc/>
    protected override void Update(Tensor value, Tensor gradient, IReadOnlyList<Tensor> state, float learningRate, bool decays)
    {
        ArgumentNullException.ThrowIfNull(state);
        Adam.Step(value, gradient, state[0], state[1], StepCount, learningRate, _beta1, _beta2, _epsilon, decays ? _weightDecay : 0);
    }
}
