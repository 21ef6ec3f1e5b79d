using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Finer-CAM (arXiv 2501.11309): Grad-CAM of <c>y_c - gamma * mean of y_d</c> over the three classes d whose logits are nearest to
/// that of c (all others where there are fewer): what tells the class from those it could be taken for.
/// </summary>
public sealed class FinerCam(float gamma) : WeightedCam
{
    private const int Rivals = 3;

    /// <inheritdoc/>
    public override string Name => "finercam";

    /// <inheritdoc/>
    public override string Description => "gradcam of the logit minus those of the three most similar classes";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int logitCount = context.LogitCount, classCount = ClassScore.ClassCount(logitCount), rivals = Math.Min(Rivals, classCount - 1);
        float[] logits = context.Logits();
        float[] direction = new float[logits.Length];
        for (int n = 0; n < context.Classes.Length; n++)
        {
            int own = context.Classes[n];
            Range row = (n * logitCount)..((n + 1) * logitCount);
            double[] perClass = ClassScore.PerClass(logits.AsSpan(row));
            float[] weights = new float[classCount];
            weights[own] = 1;
            IEnumerable<int> nearest = Enumerable.Range(0, classCount).Where(c => c != own)
                .OrderBy(c => Math.Abs((float)perClass[c] - (float)perClass[own])).Take(rivals);
            foreach (int rival in nearest)
            {
                weights[rival] = -gamma / rivals;
            }

            ClassScore.ToLogits(weights, direction.AsSpan(row));
        }

        return GradCam.Average(context, context.Gradient(context.Layer, direction), 1);
    }
}
