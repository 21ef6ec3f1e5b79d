namespace GpuCam.Model;

/// <summary>Which number of a class a map explains.</summary>
public enum CamTarget
{
    /// <summary>The logit, before any softmax.</summary>
    Logit,

    /// <summary>The softmax probability (for one logit that of the sigmoid).</summary>
    Probability,

    /// <summary>The logit less the largest other one: what tells the class from the next.</summary>
    Margin,
}

/// <summary>
/// What a network says of a class, as a number and as a direction in its logits. A network with one logit y has two classes: class 1,
/// whose logit is y, and class 0, whose logit is -y.
/// </summary>
/// <param name="Target">Which number.</param>
public readonly record struct ClassScore(CamTarget Target)
{
    /// <summary>Classes of a network with so many logits.</summary>
    public static int ClassCount(int logits) => logits == 1 ? 2 : logits;

    /// <summary>The logits of all classes, in double.</summary>
    public static double[] PerClass(ReadOnlySpan<float> logits)
    {
        double[] perClass = new double[ClassCount(logits.Length)];
        for (int c = 0; c < perClass.Length; c++)
        {
            perClass[c] = logits.Length > 1 ? logits[c] : c == 1 ? logits[0] : -logits[0];
        }

        return perClass;
    }

    /// <summary>Softmax probabilities of all classes; for one logit y the sigmoid of -y and of y.</summary>
    public static double[] Probabilities(ReadOnlySpan<float> logits)
    {
        double[] values = PerClass(logits);
        double scale = logits.Length == 1 ? 0.5 : 1, max = values.Max(), sum = 0;      // softmax of (-y/2, y/2) is the sigmoid
        for (int c = 0; c < values.Length; c++)
        {
            sum += values[c] = Math.Exp((values[c] - max) * scale);
        }

        for (int c = 0; c < values.Length; c++)
        {
            values[c] /= sum;
        }

        return values;
    }

    /// <summary>The number of a class.</summary>
    public double Of(ReadOnlySpan<float> logits, int index)
    {
        if (Target == CamTarget.Logit && logits.Length > 1)
        {
            return logits[index];
        }

        double[] perClass = PerClass(logits);
        return Target switch
        {
            CamTarget.Probability => Probabilities(logits)[index],
            CamTarget.Margin => perClass[index] - (perClass.Length == 1 ? 0 : perClass[Rival(perClass, index)]),
            _ => perClass[index],
        };
    }

    /// <summary>The number's gradient with respect to the logits.</summary>
    /// <param name="logits">Of one image.</param>
    /// <param name="index">The class.</param>
    /// <param name="direction">Gets the gradient, a number per logit.</param>
    public void Direction(ReadOnlySpan<float> logits, int index, Span<float> direction)
    {
        float[] perClass = new float[ClassCount(logits.Length)];
        perClass[index] = 1;
        if (Target == CamTarget.Probability)
        {
            double[] p = Probabilities(logits);
            for (int c = 0; c < p.Length; c++)
            {
                perClass[c] = (float)(p[index] * ((c == index ? 1 : 0) - p[c]) * (logits.Length == 1 ? 0.5 : 1));
            }
        }
        else if (Target == CamTarget.Margin && perClass.Length > 1)
        {
            perClass[Rival(PerClass(logits), index)] = -1;
        }

        ToLogits(perClass, direction);
    }

    /// <summary>Weights of classes as weights of logits.</summary>
    public static void ToLogits(ReadOnlySpan<float> perClass, Span<float> direction)
    {
        if (direction.Length == 1)
        {
            direction[0] = perClass[1] - perClass[0];
        }
        else
        {
            perClass.CopyTo(direction);
        }
    }

    private static int Rival(double[] perClass, int index)
    {
        int rival = index == 0 ? 1 : 0;
        for (int c = 0; c < perClass.Length; c++)
        {
            rival = c != index && perClass[c] > perClass[rival] ? c : rival;
        }

        return rival;
    }
}
