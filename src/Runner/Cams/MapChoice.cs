using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>The maps that <c>cam</c> and <c>eval</c> were asked for: methods, layers, and how both are set.</summary>
internal sealed record MapChoice
{
    /// <summary>What stands for all methods but the baselines.</summary>
    public const string AllMethods = "all";

    /// <summary>
    /// Names of methods, or <see cref="AllMethods"/>; empty for the exact map where the network has one, else Grad-CAM.
    /// </summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Layers to map, or several joined by + for one map of them all; empty for the one that is pooled.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    public CamSmoothing Smoothing { get; init; }

    public CamMethodOptions Settings { get; init; } = new();

    /// <summary>The methods, each once.</summary>
    /// <exception cref="GpuCamException">There is none of that name, or a setting is out of range.</exception>
    public ICamMethod[] Chosen() =>
        [.. Methods.SelectMany(name => name == AllMethods ? CamMethods.All.Where(IsNoBaseline).Select(method => method.Name) : [name])
        .Select(Known).Distinct().Select(name => CamMethods.Create(name, Settings))];

    /// <summary>Every method with every layer that it can map.</summary>
    /// <param name="engine">Knows the layers; its smoothing is set.</param>
    /// <param name="report">Gets a line for each pair that cannot be.</param>
    /// <exception cref="GpuCamException">A layer is not known, or no pair can be.</exception>
    public IReadOnlyList<(ICamMethod Method, string[] Layers)> Pairs(CamEngine engine, Action<string> report)
    {
        engine.Smoothing = Smoothing;
        ICamMethod[] methods = Methods.Count > 0 ? Chosen() : [Usual(engine, report)];
        string[][] places = [.. Layers.DefaultIfEmpty(engine.DefaultLayer).Select(engine.LayersOf)];
        CheckLayers(engine, methods, places);
        var pairs = new List<(ICamMethod, string[])>();
        var obstacles = new List<(ICamMethod Method, string[] Layers, string Why)>();
        foreach (ICamMethod method in methods)
        {
            foreach (string[] layers in method.Scope == CamScope.WholeNetwork ? places[..1] : places)
            {
                if (engine.Obstacle(method, layers) is { } obstacle)
                {
                    obstacles.Add((method, layers, obstacle));
                }
                else
                {
                    pairs.Add((method, layers));
                }
            }
        }

        if (pairs.Count == 0)
        {
            string remedy = engine.Obstacle(methods[0], [engine.DefaultLayer]) is null ? $"; give --layer {engine.DefaultLayer}" : "";
            throw new GpuCamException($"--method {string.Join(',', methods.Select(method => method.Name))}{(Layers.Count > 0 ? $" --layer "
                + $"{string.Join(',', Layers)}" : "")}: {obstacles[0].Why}{remedy}");
        }

        foreach ((ICamMethod method, string[] layers, string why) in obstacles)
        {
            report($"{method.Name} at {string.Join('+', layers)} is left out: {why}");
        }

        return pairs;
    }

    private ICamMethod Usual(CamEngine engine, Action<string> report)
    {
        ICamMethod exact = CamMethods.Create("cam", Settings);
        if (engine.Obstacle(exact, [engine.DefaultLayer]) is not { } obstacle || Smoothing == CamSmoothing.PrincipalComponent)
        {
            return exact;
        }

        report($"maps are made by gradcam: {obstacle.Split("; give")[0]}");
        return CamMethods.Create("gradcam", Settings);
    }

    private static bool IsNoBaseline(ICamMethod method) => method.Name is not ("random" or "center");

    private string Known(string name) => CamMethods.All.Any(method => method.Name == name)
        ? name
        : throw new GpuCamException($"--method {string.Join(',', Methods)}: '{name}' is not known; choose from "
            + $"{string.Join(", ", CamMethods.All.Select(method => method.Name))}, or {AllMethods}");

    private static void CheckLayers(CamEngine engine, ICamMethod[] methods, string[][] places)
    {
        foreach (string[] layers in places)
        {
            string asked = $"--layer {string.Join('+', layers)}";
            if (Array.Find(layers, layer => !engine.LayerNames.Contains(layer)) is { } unknown)
            {
                throw new GpuCamException($"{asked}: {engine.NoSuchLayer(unknown)}");
            }

            if (layers.Length > 1 && Array.TrueForAll(methods, method => method.Scope == CamScope.WholeNetwork))
            {
                throw new GpuCamException(
                    $"{asked}: method {methods[0].Name} looks at no single layer, so there is nothing to fuse; leave --layer out");
            }
        }
    }
}
