namespace GpuCam.Kernels.Simd;

/// <summary>
/// The end of the network for one image; a few hundred multiply-adds, so scalar:
/// <code>
/// features[c]    = scale * sums[c]                                  (scale 1 / cells: global average pooling)
/// logits[k]      = sum_c features[c] weight[c, k] + bias[k]
/// loss           = log sum_k exp(logits[k]) - logits[label]
/// dLogits[k]     = (softmax(logits)[k] - [k = label]) / batch
/// gradient[c]    = scale * sum_k dLogits[k] weight[c, k]            (of every pooled cell of channel c)
/// </code>
/// </summary>
internal static unsafe class LeNetHead
{
    /// <summary>Features and logits.</summary>
    public static void Logits(LeNetTensors weights, LeNetShape shape, float scale, float* sums, float* features, float* logits)
    {
        int channels = shape.Channels2, classes = shape.Classes;
        for (int k = 0; k < classes; k++)
        {
            logits[k] = weights.ClassifierBias == null ? 0 : weights.ClassifierBias[k];
        }

        for (int c = 0; c < channels; c++)
        {
            float feature = scale * sums[c];
            features[c] = feature;
            float* weight = weights.ClassifierWeight + (c * classes);
            for (int k = 0; k < classes; k++)
            {
                logits[k] += feature * weight[k];
            }
        }
    }

    /// <summary>The class with the largest logit, the first on a tie.</summary>
    public static int Best(float* logits, int classes)
    {
        int best = 0;
        for (int k = 1; k < classes; k++)
        {
            best = logits[k] > logits[best] ? k : best;
        }

        return best;
    }

    /// <summary>The loss, with dLogits in place of logits. <paramref name="weight"/> is 1 / batch.</summary>
    public static float LossAndGradient(float* logits, int classes, int label, float weight)
    {
        float max = logits[0];
        for (int k = 1; k < classes; k++)
        {
            max = MathF.Max(max, logits[k]);
        }

        float sum = 0, own = logits[label] - max;
        for (int k = 0; k < classes; k++)
        {
            logits[k] = MathF.Exp(logits[k] - max);
            sum += logits[k];
        }

        for (int k = 0; k < classes; k++)
        {
            logits[k] = weight * ((logits[k] / sum) - (k == label ? 1 : 0));
        }

        return MathF.Log(sum) - own;
    }

    /// <summary>Adds to dWeight and dBias, writes the gradient of a pooled cell.</summary>
    public static void Backward(
        LeNetTensors weights, LeNetTensors gradients, LeNetShape shape, float scale, float* features, float* dLogits, float* gradient)
    {
        int channels = shape.Channels2, classes = shape.Classes;
        for (int c = 0; c < channels; c++)
        {
            float* weight = weights.ClassifierWeight + (c * classes), dWeight = gradients.ClassifierWeight + (c * classes);
            float sum = 0, feature = features[c];
            for (int k = 0; k < classes; k++)
            {
                sum += dLogits[k] * weight[k];
                dWeight[k] += dLogits[k] * feature;
            }

            gradient[c] = scale * sum;
        }

        for (int k = 0; k < classes && gradients.ClassifierBias != null; k++)
        {
            gradients.ClassifierBias[k] += dLogits[k];
        }
    }
}
