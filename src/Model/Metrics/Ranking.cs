namespace GpuCam.Model;

/// <summary>Order of scores on the host.</summary>
public static class Ranking
{
    /// <summary>Index of the largest value; the first of equals; NaN is never the largest. -1 for an empty or all-NaN span.</summary>
    public static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]) && (best < 0 || values[i] > values[best]))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Indices of the <paramref name="count"/> largest values, largest first, the first of equals first.</summary>
    public static int[] Top(ReadOnlySpan<float> values, int count)
    {
        float[] copy = values.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).Take(count)];
    }

    /// <summary>Place of <paramref name="index"/> among the values, largest first, the first of equals first: 0 for the largest.</summary>
    public static int PlaceOf(ReadOnlySpan<float> values, int index)
    {
        int place = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] > values[index] || (values[i] == values[index] && i < index))
            {
                place++;
            }
        }

        return place;
    }

    /// <summary>Softmax in double precision.</summary>
    public static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double normalizer = LogSumExp(logits);
        double[] probabilities = new double[logits.Length];
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = Math.Exp(logits[i] - normalizer);
        }

        return probabilities;
    }

    /// <summary><c>log(sum(exp(logits)))</c> in double precision; minus <c>logits[label]</c> it is the cross-entropy.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double max = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            max = Math.Max(max, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - max);
        }

        return max + Math.Log(sum);
    }
}
