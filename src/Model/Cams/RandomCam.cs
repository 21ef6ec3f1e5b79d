using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Channel weights drawn at random, uniform in [-1, 1): the sanity baseline, what a map owes to the features alone. The weights
/// depend on the seed and the image's number.
/// </summary>
public sealed class RandomCam(ulong seed) : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    public override string Description => "baseline: random channel weights";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Features;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Shape features = context.Features.Shape;
        float[] weights = new float[features.N * features.C];
        for (int n = 0; n < features.N; n++)
        {
            var random = new CounterRandom(seed, RandomPurpose.CamWeights, (ulong)context.NumberOf(n));
            for (int k = 0; k < features.C; k++)
            {
                weights[(n * features.C) + k] = (2 * random.Uniform((uint)k)) - 1;
            }
        }

        return context.Upload("weights", Shape.Matrix(features.N, features.C), weights);
    }
}
