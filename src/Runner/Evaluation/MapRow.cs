using GpuCam.Model;
using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Evaluation;

/// <summary>A line of the table: the maps of one method at one layer (or several, fused).</summary>
/// <param name="Method">How maps are made.</param>
/// <param name="Layers">Which layers are mapped.</param>
/// <param name="Smoothing">How maps are made less noisy.</param>
/// <param name="RandomWeights">Whether maps come from a network of the same shape with fresh random weights.</param>
internal sealed record MapRow(
    ICamMethod Method, IReadOnlyList<string> Layers, CamSmoothing Smoothing = CamSmoothing.None, bool RandomWeights = false)
{
    /// <summary>The method's name.</summary>
    public string Name => Method.Name;

    /// <summary>The layers' names, joined by +; a dash where the layer does not matter.</summary>
    public string Layer => Method.Scope == CamScope.WholeNetwork ? "-" : string.Join('+', Layers);

    /// <summary>Which weights made the maps.</summary>
    public string Weights => RandomWeights ? "random" : "trained";
}

/// <summary>The lines of a table: what was asked for, then the baselines that every table must show.</summary>
internal static class MapRows
{
    /// <summary>
    /// Every method at every layer that it can map, then the baselines: centre, random channel weights, a network with random weights.
    /// </summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="engine">Knows the layers.</param>
    /// <param name="withRandomWeights">Whether there is such a network.</param>
    /// <param name="report">Gets a line for each pair that cannot be.</param>
    public static IReadOnlyList<MapRow> Create(MapChoice choice, CamEngine engine, bool withRandomWeights, Action<string> report)
    {
        List<MapRow> rows = [.. choice.Pairs(engine, report).Select(pair => new MapRow(pair.Method, pair.Layers, choice.Smoothing))];
        MapRow first = rows[0];
        ICamMethod random = CamMethods.Create("random", choice.Settings);
        IEnumerable<MapRow> atRandom = rows.Where(row => row.Layer != "-").DistinctBy(row => row.Layer)
            .Select(row => row with { Method = random });
        rows.AddRange([new MapRow(CamMethods.Create("center"), [engine.DefaultLayer]), .. atRandom]);
        if (withRandomWeights)
        {
            rows.Add(first with { RandomWeights = true });
        }

        return [.. rows.DistinctBy(row => (row.Name, row.Layer, row.Weights))];
    }
}
