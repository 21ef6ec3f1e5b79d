using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>One kind of map to draw: a method and the layer, or the layers that make one map together.</summary>
internal sealed record CamRequest(ICamMethod Method, IReadOnlyList<string> Layers)
{
    /// <summary>The layer's name; of several <c>conv2+pool2</c>.</summary>
    public string Layer => CamMethods.TitleOf(Method, Layers);

    /// <summary>What captions and lists call it: <c>gradcam at conv2</c>.</summary>
    public string Title => Method.Scope == CamScope.AnyLayer ? $"{Method.Name} at {Layer}" : Method.Name;

    /// <summary>What file names begin with.</summary>
    public string FilePrefix => Method.Scope == CamScope.AnyLayer ? $"{Method.Name}_{OutsideNames.Layer(Layer)}" : Method.Name;

    /// <summary>Every method with every layer that it can map; a <see cref="GpuCamException"/> if there is none.</summary>
    public static CamRequest[] All(MapChoice choice, CamEngine engine, Action<string> report) =>
        [.. choice.Pairs(engine, report).Select(pair => new CamRequest(pair.Method, pair.Layers))
            .DistinctBy(request => (request.Method.Name, request.Layer))];
}
