namespace GpuCam.Model;

/// <summary>What a network says of a class in a picture.</summary>
/// <param name="Index">The class's number, from 0.</param>
/// <param name="Name">Its name; two classes may have one name.</param>
/// <param name="Probability">Softmax probability (for a network of one logit that of the sigmoid), 0 to 1.</param>
/// <param name="Logit">The number before the softmax.</param>
public readonly record struct ClassPrediction(int Index, string Name, double Probability, double Logit)
{
    /// <summary>All classes, the best first, of equals the first.</summary>
    /// <param name="logits">What the network says of one picture.</param>
    /// <param name="names">A name per class.</param>
    /// <exception cref="GpuCamException">The logits are not finite.</exception>
    public static IReadOnlyList<ClassPrediction> All(ReadOnlySpan<float> logits, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (logits.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new GpuCamException(
                "the network's outputs for this image are not finite; give a model whose training did not diverge");
        }

        double[] scores = ClassScore.PerClass(logits), probabilities = ClassScore.Probabilities(logits);
        return [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i])
            .Select(i => new ClassPrediction(i, names[i], probabilities[i], scores[i]))];
    }

    /// <summary>Name and probability: <c>sea horse 98.1 %</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name} {100 * Probability:0.0} %");
}

/// <summary>What a network says of a picture, and where it saw it. Holds no memory of the device and not the picture.</summary>
/// <param name="Predictions">All classes, the best first.</param>
/// <param name="Maps">One per class that was asked for, in that order.</param>
/// <param name="Geometry">Where the network's input lies on the picture.</param>
public sealed record Explanation(IReadOnlyList<ClassPrediction> Predictions, IReadOnlyList<ClassMap> Maps, PictureGeometry Geometry)
{
    /// <summary>The class that the network sees.</summary>
    public ClassPrediction Best => Predictions[0];

    /// <summary>The first map: of the best class, unless others were asked for.</summary>
    public ClassMap Map => Maps[0];
}
