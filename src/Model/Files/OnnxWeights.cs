using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// The weights of an ONNX file for a network of <see cref="Architectures"/> with the same layers. Names mean nothing there, so layers are
/// paired by their order from the image to the output, at a sum the longer way first, and every pair must be of one kind, of one shape and
/// have windows that begin at the same pixels. What a file pads behind the last window, more or less, changes nothing.
/// </summary>
internal sealed class OnnxWeights(string file, Graph graph)
{
    private readonly List<Node> _layers = Layers(graph);

    /// <summary>The one of <see cref="Architectures"/> that has the same layers; null if none has.</summary>
    public string? Architecture
    {
        get
        {
            foreach (Architecture architecture in Architectures.All.Where(architecture => architecture.IsPooled))
            {
                var config = new NetworkConfig(graph.Input.Shape.C, architecture.LeastSize, [""])
                {
                    Architecture = architecture.Name,
                    Pools = 1,
                };
                if (config.Channels is 1 or 3 && Architectures.Describe(config) is var network
                    && Misfit(network, Layers(network.Graph)) is null)
                {
                    return architecture.Name;
                }
            }

            return null;
        }
    }

    /// <summary>Overwrites the network's parameters; gives what of the file has no place, for people.</summary>
    /// <param name="network">The network.</param>
    /// <param name="taken">Gets the names of the parameters that were overwritten.</param>
    /// <exception cref="GpuCamException">The file has other layers.</exception>
    public List<string> CopyTo(Execution network, HashSet<string> taken)
    {
        List<Node> to = Layers(network.Graph);
        int body = to.IndexOf(network.Network.Head);
        if (Misfit(network.Network, to) is { } why)
        {
            string cure = Architecture is { } other
                ? $"give --arch {other}" : "give a file of that architecture with its batch normalisations";
            throw new GpuCamException($"{file}: its layers are not those of {network.Network.Config.Architecture}: {why}: {cure}");
        }

        bool ends = _layers.Count > body && Difference(network.Network, _layers[body], to[body]) is null;
        for (int i = 0; i < body + (ends ? 1 : 0); i++)
        {
            Copy(network, _layers[i], to[i], taken);
        }

        return [.. _layers.Skip(body + (ends ? 1 : 0)).SelectMany(node => node.Parameters).Select(parameter => parameter.Name)];
    }

    /// <summary>
    /// What keeps the file's layers from being a network's, but for the last, which knows the classes; null if nothing does.
    /// </summary>
    private string? Misfit(Network network, List<Node> to)
    {
        int body = to.IndexOf(network.Head);
        if (to.Take(body).Any(node => node is LinearNode))
        {
            return "those of more than one linear layer lie in another order";
        }

        for (int i = 0; i < body; i++)
        {
            string? there = i == _layers.Count ? "there is nothing"
                : Difference(network, _layers[i], to[i]) is { } difference ? $"'{_layers[i].Name}' is {difference}" : null;
            if (there is not null)
            {
                return $"in place of '{to[i].Name}' ({to[i].Kind}) {there}";
            }
        }

        return _layers.Count == body || (_layers.Count == body + 1 && _layers[body].GetType() == to[body].GetType())
            ? null
            : $"behind '{to[body - 1].Name}' it goes on with '{_layers[body].Name}' ({_layers[body].Kind})";
    }

    private static void Copy(Execution network, Node from, Node to, HashSet<string> taken)
    {
        for (int i = 0; i < to.Parameters.Count; i++)
        {
            float[] values = from.Parameters[i].Data!.ToArray(from.Parameters[i].Shape.Count);
            if (i == 3 && from is BatchNormalizationNode before && to is BatchNormalizationNode after)
            {
                // The variance counts with epsilon added.
                float more = before.Epsilon - after.Epsilon;
                values = [.. values.Select(value => Math.Max(0, value + more))];
            }

            network.ParameterOf(to.Parameters[i]).Value.CopyFrom(values);
            taken.Add(to.Parameters[i].Name);
        }
    }

    /// <summary>What keeps two layers from being one; null if nothing does.</summary>
    private static string? Difference(Network network, Node from, Node to)
    {
        if (from.GetType() != to.GetType())
        {
            return $"a {from.Kind}";
        }

        for (int i = 0; i < to.Parameters.Count; i++)
        {
            Shape wanted = to.Parameters[i].Shape;
            if (i == from.Parameters.Count || from.Parameters[i].Shape != wanted)
            {
                return i == from.Parameters.Count ? $"a {from.Kind} without bias"
                    : (from is Conv2DNode ? InitialWeights.OtherChannels(network, wanted, from.Parameters[i].Shape.W) : null)
                    ?? $"numbers of {from.Parameters[i].Shape} in place of {wanted}";
            }
        }

        return from.Parameters.Count > to.Parameters.Count ? $"a {from.Kind} with a bias"
            : (from, to) switch
            {
                (Conv2DNode a, Conv2DNode b) when a.Groups != b.Groups => $"a {a.Kind}",
                (Conv2DNode a, Conv2DNode b) => Windows(a.Rule, a.Inputs[0].Shape, b.Rule, b.Inputs[0].Shape),
                (MaxPool2DNode a, MaxPool2DNode b) => Windows(a.Rule, a.Inputs[0].Shape, b.Rule, b.Inputs[0].Shape),
                _ => null,
            };
    }

    /// <summary>
    /// Whether windows begin at the same pixels, and, on images of one size, are as many: what lies in them is then the same, zeros or
    /// nothing beyond the image, whatever padding is left behind the last.
    /// </summary>
    internal static string? Windows(WindowRule a, Shape onA, WindowRule b, Shape onB)
    {
        (int topA, int leftA, _, _) = a.PadsOf(onA);
        (int topB, int leftB, _, _) = b.PadsOf(onB);
        bool same = (a.KH, a.KW, a.StrideH, a.StrideW, a.DilationH, a.DilationW, topA, leftA)
            == (b.KH, b.KW, b.StrideH, b.StrideW, b.DilationH, b.DilationW, topB, leftB);
        Shape one = PoolGeometry.Of(a, onA).Y, other = PoolGeometry.Of(b, onB).Y;
        return same && ((onA.H, onA.W) != (onB.H, onB.W) || (one.H, one.W) == (other.H, other.W)) ? null
            : $"windows of {a} that begin at {-topA}, {-leftA} in place of {b} at {-topB}, {-leftB}";
    }

    /// <summary>The layers with parameters, and max-pools, as they lie on the way from the image to the first output.</summary>
    private static List<Node> Layers(Graph graph)
    {
        int[] depth = new int[graph.Values.Count];
        foreach (Node node in graph.Nodes)
        {
            depth[node.Output.Index] = node.Inputs.Max(input => depth[input.Index]) + (IsLayer(node) ? 1 : 0);
        }

        var layers = new List<Node>();
        var seen = new HashSet<Node>();
        Visit(graph.Output);
        return layers;

        void Visit(Value value)
        {
            if (value.Producer is not { } node || !seen.Add(node))
            {
                return;
            }

            IEnumerable<Value> inputs = node is BinaryNode ? node.Inputs.OrderByDescending(input => depth[input.Index]) : node.Inputs;
            foreach (Value input in inputs)
            {
                Visit(input);
            }

            if (IsLayer(node))
            {
                layers.Add(node);
            }
        }
    }

    private static bool IsLayer(Node node) => node is Conv2DNode or BatchNormalizationNode or LinearNode or MaxPool2DNode;
}
