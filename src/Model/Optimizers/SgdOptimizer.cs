using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Stochastic gradient descent as in PyTorch; see <see cref="Sgd"/> for the formula.</summary>
public sealed class SgdOptimizer : Optimizer
{
    private readonly float _momentum;
    private readonly float _weightDecay;

    /// <summary>An optimizer of <paramref name="parameters"/>; without momentum it has no state.</summary>
    public SgdOptimizer(IReadOnlyList<Parameter> parameters, float momentum = 0, float weightDecay = 0)
        : this([new ParameterGroup(parameters)], momentum, weightDecay)
    {
    }

    /// <summary>The same for the parameters of <paramref name="groups"/>.</summary>
    public SgdOptimizer(IReadOnlyList<ParameterGroup> groups, float momentum = 0, float weightDecay = 0) : base("sgd", groups)
    {
        _momentum = momentum;
        _weightDecay = weightDecay;
        if (momentum != 0)
        {
            CreateState("velocity");
        }
    }

    /// <inheritdoc/>
    protected override void Update(Tensor value, Tensor gradient, IReadOnlyList<Tensor> state, float learningRate, bool decays)
    {
        ArgumentNullException.ThrowIfNull(state);
        Sgd.Step(value, gradient, state.Count == 0 ? null : state[0], learningRate, _momentum, decays ? _weightDecay : 0);
    }
}
