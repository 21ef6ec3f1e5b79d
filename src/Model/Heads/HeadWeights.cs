namespace GpuCam.Model;

/// <summary>A linear classifier on features: <c>logit_c = Σ_k weight[c, k] feature_k + bias_c</c>.</summary>
/// <param name="Weight">[classes, features], as files have it.</param>
/// <param name="Bias">[classes].</param>
public sealed record HeadWeights(float[] Weight, float[] Bias)
{
    /// <summary>Classes.</summary>
    public int Classes => Bias.Length;

    /// <summary>Features.</summary>
    public int Features => Weight.Length / Bias.Length;

    /// <summary>The logits of a picture, in double, rounded once.</summary>
    public float[] Logits(ReadOnlySpan<float> features)
    {
        float[] logits = new float[Classes];
        for (int c = 0; c < logits.Length; c++)
        {
            double sum = Bias[c];
            for (int k = 0; k < features.Length; k++)
            {
                sum += (double)Weight[(c * features.Length) + k] * features[k];
            }

            logits[c] = (float)sum;
        }

        return logits;
    }

    /// <summary>The weight as memory has it, [features, classes].</summary>
    internal float[] Transposed()
    {
        float[] weight = new float[Weight.Length];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[(i % Features * Classes) + (i / Features)] = Weight[i];
        }

        return weight;
    }
}
