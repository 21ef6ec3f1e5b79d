namespace GpuCam.Model;

/// <summary>How well maps name the pixels that the network's answer rests on; means over images.</summary>
public sealed record FaithfulnessResult
{
    /// <summary>Images.</summary>
    public required long Count { get; init; }

    /// <summary>Images with a constant map, which counts as zeros: its order of the pixels is the reading order.</summary>
    public required long Constant { get; init; }

    /// <summary>Images whose map holds NaN or an infinity; it counts as zeros too.</summary>
    public required long NonFinite { get; init; }

    /// <summary>Share of the score that is lost when the image is multiplied by its map; gains count as 0. Lower is better.</summary>
    public required double AverageDrop { get; init; }

    /// <summary>Share of images whose score rises when multiplied by the map. Higher is better.</summary>
    public required double IncreaseInConfidence { get; init; }

    /// <summary>Area under the score while pixels turn black, highest first. Lower is better.</summary>
    public required double Deletion { get; init; }

    /// <summary>Area under the score while pixels appear on black, highest first. Higher is better.</summary>
    public required double Insertion { get; init; }

    /// <summary>Mean score with the most relevant pixels imputed. Lower is better.</summary>
    public required double RoadMostRelevantFirst { get; init; }

    /// <summary>Mean score with the least relevant pixels imputed. Higher is better.</summary>
    public required double RoadLeastRelevantFirst { get; init; }

    /// <summary>Half the difference, <c>(LeRF - MoRF) / 2</c>. Higher is better; an order that means nothing has 0.</summary>
    public double Road => (RoadLeastRelevantFirst - RoadMostRelevantFirst) / 2;
}
