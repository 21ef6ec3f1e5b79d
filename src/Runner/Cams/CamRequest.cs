using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>One kind of map to draw: a method and the layer, or the layers that make one map together.</summary>
internal sealed record CamRequest(ICamMethod Method, IReadOnlyList<string> Layers)
{
    /// <summary>What stands for the layer where a method looks at the whole network.</summary>
    public const string AllLayers = "all";

    /// <summary>The layer's name; of several <c>conv2+pool2</c>.</summary>
    public string Layer => Method.Scope == CamScope.WholeNetwork ? AllLayers : string.Join('+', Layers);

    /// <summary>What captions and lists call it: <c>gradcam at conv2</c>.</summary>
    public string Title => Method.Scope == CamScope.AnyLayer ? $"{Method.Name} at {Layer}" : Method.Name;

    /// <summary>What file names begin with.</summary>
    public string FilePrefix => Method.Scope == CamScope.AnyLayer ? $"{Method.Name}_{Layer}" : Method.Name;

    /// <summary>Every method with every layer that was asked for; a <see cref="GpuCamException"/> if one cannot be.</summary>
    public static CamRequest[] All(CamOptions options, CamEngine engine)
    {
        string asked = $"--method {string.Join(',', options.Methods)}";
        ICamMethod[] methods = [.. options.Methods.Distinct().Select(name => Option(asked, () => CamMethods.Create(name, options.MethodOptions)))];
        string[][] layers = options.Layers.Count > 0 ? [.. options.Layers.Select(names => names.Split('+'))] : [[engine.PooledLayer]];
        var requests = new List<CamRequest>();
        foreach (ICamMethod method in methods)
        {
            engine.CheckSmoothing(method);
            foreach (string[] names in layers)
            {
                CamRequest request = Option($"--layer {string.Join('+', names)}", () =>
                {
                    engine.Check(method, names);
                    return new CamRequest(method, names);
                });
                if (requests.TrueForAll(other => other.FilePrefix != request.FilePrefix))
                    requests.Add(request);
            }
        }

        return [.. requests];
    }

    /// <summary>Puts the option before what is wrong with it.</summary>
    private static T Option<T>(string option, Func<T> take)
    {
        try
        {
            return take();
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{option}: {e.Message}", e);
        }
    }
}
