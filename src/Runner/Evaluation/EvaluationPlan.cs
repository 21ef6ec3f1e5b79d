using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Evaluation;

/// <summary>What an evaluation measures.</summary>
internal sealed record EvaluationPlan
{
    /// <summary>The maps that were asked for, which <see cref="Rows"/> come from.</summary>
    public MapChoice Maps { get; init; } = new();

    /// <summary>The maps to compare; null for the network's own class activation map, alone.</summary>
    public IReadOnlyList<MapRow>? Rows { get; init; }

    /// <summary>How maps are resized to the image.</summary>
    public ResizeMode Resize { get; init; }

    /// <summary>Whether to measure how exactly maps find the object, where boxes are known.</summary>
    public bool Boxes { get; init; } = true;

    /// <summary>Whether to measure whether the network's answer rests on what maps name.</summary>
    public bool Faithfulness { get; init; }

    /// <summary>Thresholds of the sweep: 0, 1 / (thresholds - 1), …, 1.</summary>
    public int Thresholds { get; init; } = 101;

    /// <summary>By whose rules boxes and pixels come from maps.</summary>
    public MapRules Rules { get; init; }

    /// <summary>Gets the maps of the first row; null to keep none.</summary>
    public ScoreMapFolder? ScoreMaps { get; init; }

    /// <summary>Gets a row for each picture and map; null to keep none.</summary>
    public PictureTable? Table { get; init; }

    /// <summary>How many boxes the predicted classes may give.</summary>
    public BoxHeuristic Heuristic { get; init; } = BoxHeuristic.TopFive;

    /// <summary>Whether to measure pixels against the samples' masks.</summary>
    public bool Pixels { get; init; }

    /// <summary>Images for faithfulness, which needs a hundred forward passes for each.</summary>
    public int FaithfulnessImages { get; init; } = 500;

    /// <summary>Images for methods that score changed copies of the image, which need as many.</summary>
    public int ScoreImages { get; init; } = 500;

    /// <summary>Steps of deletion and insertion.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Seed of ROAD's noise and of the random network.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Samples that thresholds are chosen on, never those of the test; null to choose none.</summary>
    public ISampleSource? Validation { get; init; }

    /// <summary>The plan with its rows: the maps that were asked for as far as the network has them, and the baselines.</summary>
    /// <param name="network">Knows the layers.</param>
    /// <param name="report">Gets a line for each method and layer that do not go together.</param>
    public EvaluationPlan WithRows(Execution network, Action<string> report)
    {
        using var engine = new CamEngine(network);
        return this with { Rows = MapRows.Create(Maps, engine, network.Network.HasConfig, report) };
    }

    /// <summary>How many of <paramref name="count"/> images a row uses.</summary>
    public int ImagesOf(MapRow row, int count) => row.Method.Needs == CamNeeds.Scores ? Math.Min(count, ScoreImages) : count;
}
