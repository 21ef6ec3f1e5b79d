namespace GpuCam.Model;

/// <summary>What an <see cref="Explainer"/> is asked for.</summary>
public sealed record ExplainRequest
{
    /// <summary>
    /// How maps are made, one of <see cref="Explainer.MethodNames"/>; null for the exact map where the network has one, else Grad-CAM.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>
    /// The value that is mapped, one of <see cref="Explainer.LayerNames"/>, or several joined by + for one map of them all; null for
    /// <see cref="Explainer.DefaultLayer"/>.
    /// </summary>
    public string? Layer { get; init; }

    /// <summary>Indices of the classes to map, a map each, in this order; empty for those that are predicted.</summary>
    public IReadOnlyList<int> Classes { get; init; } = [];

    /// <summary>How many of the predicted classes to map, the best first, where <see cref="Classes"/> is empty.</summary>
    public int Top { get; init; } = 1;

    /// <summary>How maps are made less noisy.</summary>
    public CamSmoothing Smoothing { get; init; }

    /// <summary>Which number of a class is explained.</summary>
    public CamTarget Target { get; init; }

    /// <summary>Boxes go around what is above this share of a map's maximum, 0 to 1.</summary>
    public float BoxThreshold { get; init; } = MapComponents.PaperShare;

    /// <summary>Settings of the methods that have some.</summary>
    public CamMethodOptions Settings { get; init; } = new();

    /// <summary>The classes to map of a picture.</summary>
    /// <param name="predictions">All classes, best first.</param>
    internal ClassPrediction[] Of(IReadOnlyList<ClassPrediction> predictions) => Classes.Count == 0
        ? [.. predictions.Take(Top)]
        : [.. Classes.Select(index => predictions.First(prediction => prediction.Index == index))];

    /// <summary>Maps that are made of a picture.</summary>
    internal int Count(int classes) => Classes.Count == 0 ? Math.Min(Top, classes) : Classes.Count;

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first number out of range.</summary>
    /// <param name="classes">Classes of the network.</param>
    internal void Check(int classes)
    {
        if (Top < 1)
        {
            throw new GpuCamException($"the best {Top} classes were asked for; give at least 1");
        }

        if (!(BoxThreshold is >= 0 and <= 1))
        {
            throw new GpuCamException(FormattableString.Invariant($"a box threshold of {BoxThreshold} is out of range; give 0 to 1"));
        }

        foreach (int index in Classes)
        {
            if (index < 0 || index >= classes)
            {
                throw new GpuCamException($"class {index} is out of range: the network has {classes} classes, counted from 0");
            }
        }
    }
}
