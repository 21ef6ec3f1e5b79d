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
    private readonly Tensor[] _m;
    private readonly Tensor[] _v;

    /// <summary>An optimizer of <paramref name="parameters"/>.</summary>
    public AdamOptimizer(
        IReadOnlyList<Parameter> parameters, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base("adam", parameters)
    {
        (_beta1, _beta2, _epsilon, _weightDecay) = (beta1, beta2, epsilon, weightDecay);
        _m = CreateState("m");
        _v = CreateState("v");
    }

    /// <inheritdoc/>
    protected override void Update(int index, Parameter parameter, float learningRate) =>
        Adam.Step(
            parameter.Value, parameter.Gradient, _m[index], _v[index], StepCount, learningRate, _beta1, _beta2, _epsilon, _weightDecay);
}
