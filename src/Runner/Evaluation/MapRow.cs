using GpuCam.Model;

namespace GpuCam.Runner.Evaluation;

/// <summary>A line of the table: the maps of one method at one layer (or several, fused).</summary>
/// <param name="Method">How maps are made.</param>
/// <param name="Layers">Which layers are mapped.</param>
/// <param name="RandomWeights">Whether maps come from a network of the same shape with fresh random weights.</param>
internal sealed record MapRow(ICamMethod Method, IReadOnlyList<string> Layers, bool RandomWeights = false)
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
    /// <summary>Every method at every layer that it can map, then the baselines: centre, random channel weights, a network with random weights.</summary>
    /// <param name="methods">Names of methods, or <c>all</c>.</param>
    /// <param name="layers">Layers, or several joined by + to be fused; empty for the pooled one.</param>
    /// <param name="engine">Knows the layers.</param>
    /// <param name="report">Gets a line for each pair that cannot be.</param>
    public static IReadOnlyList<MapRow> Create(IReadOnlyList<string> methods, IReadOnlyList<string> layers, CamEngine engine, Action<string> report)
    {
        ICamMethod[] chosen = [.. methods.SelectMany(name => name == "all" ? CamMethods.All.Where(method => method.Name is not ("random" or "center")) : [CamMethods.Create(name)])];
        string[][] places = [.. layers.DefaultIfEmpty(engine.PooledLayer).Select(layer => layer.Split('+'))];
        var rows = new List<MapRow>();
        foreach (ICamMethod method in chosen.Distinct())
            rows.AddRange(Fitting(method, places, engine, report));
        if (rows.Count == 0)
            throw new GpuCamException($"--layer {string.Join(',', layers)}: method {string.Join(',', methods)} needs the layer that is pooled; give --layer {engine.PooledLayer}");

        MapRow first = rows[0];
        ICamMethod random = CamMethods.Create("random");
        IEnumerable<MapRow> atRandom = rows.Where(row => row.Layer != "-").DistinctBy(row => row.Layer).Select(row => new MapRow(random, row.Layers));
        rows.AddRange([new MapRow(CamMethods.Create("center"), [engine.PooledLayer]), .. atRandom]);
        rows.Add(first with { RandomWeights = true });
        return [.. rows.DistinctBy(row => (row.Name, row.Layer, row.Weights))];
    }

    private static IEnumerable<MapRow> Fitting(ICamMethod method, string[][] places, CamEngine engine, Action<string> report)
    {
        if (method.Scope == CamScope.WholeNetwork)
            return [new MapRow(method, [engine.PooledLayer])];
        foreach (string layer in places.SelectMany(layers => layers))
        {
            if (!engine.LayerNames.Contains(layer))
                throw new GpuCamException($"--layer {layer} is not known: maps can be made of {string.Join(", ", engine.LayerNames)}");
        }

        ILookup<bool, string[]> fit = places.ToLookup(layers => method.Scope == CamScope.AnyLayer || layers.All(layer => layer == engine.PooledLayer));
        foreach (string[] layers in fit[false])
            report($"{method.Name} at {string.Join('+', layers)} is left out: it needs the layer that is pooled, {engine.PooledLayer}");
        return fit[true].Select(layers => new MapRow(method, layers));
    }
}
