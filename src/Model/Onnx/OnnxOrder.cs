namespace GpuCam.Model;

/// <summary>
/// Checks that every value is made once and none is missing, and puts the nodes in an order in which each finds its inputs made. ONNX asks
/// writers for such an order; those who cut models up by hand forget it.
/// </summary>
internal sealed class OnnxOrder
{
    private readonly string _file;
    private readonly HashSet<string> _given;

    public OnnxOrder(string file, IReadOnlyDictionary<string, OnnxTensor> initializers, IReadOnlyList<OnnxValueInfo> inputs)
    {
        _file = file;
        _given = new HashSet<string>(initializers.Keys, StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (OnnxValueInfo input in inputs)
        {
            if (!names.Add(input.Name))
            {
                throw Error($"two inputs {OnnxText.Quote(input.Name)}");
            }
        }

        _given.UnionWith(names);
    }

    /// <summary>The nodes in order; in the file's, if that is one.</summary>
    /// <exception cref="GpuCamException">A name is made twice or by nobody, or nodes wait for each other.</exception>
    public IReadOnlyList<OnnxNode> Sort(List<OnnxNode> nodes, IReadOnlyList<OnnxValueInfo> outputs)
    {
        Dictionary<string, OnnxNode> makers = Makers(nodes);
        foreach (OnnxNode node in nodes)
        {
            foreach (string input in node.Inputs)
            {
                if (input.Length > 0 && !_given.Contains(input) && !makers.ContainsKey(input))
                {
                    throw Error($"{node.Label} takes {OnnxText.Quote(input)}, which is no input, no initializer and made by no node");
                }
            }
        }

        if (outputs.Count == 0)
        {
            throw Error("the graph has no output");
        }

        foreach (OnnxValueInfo output in outputs)
        {
            if (!_given.Contains(output.Name) && !makers.ContainsKey(output.Name))
            {
                throw Error($"no node makes the output {OnnxText.Quote(output.Name)}");
            }
        }

        return Ordered(nodes, makers);
    }

    private Dictionary<string, OnnxNode> Makers(List<OnnxNode> nodes)
    {
        var makers = new Dictionary<string, OnnxNode>(StringComparer.Ordinal);
        foreach (OnnxNode node in nodes)
        {
            foreach (string output in node.Outputs)
            {
                if (output.Length > 0 && (_given.Contains(output) || !makers.TryAdd(output, node)))
                {
                    throw Error($"{OnnxText.Quote(output)} is made twice, by {node.Label} for one");
                }
            }
        }

        return makers;
    }

    /// <summary>Depth first without recursion: a node is placed once all it needs is.</summary>
    private List<OnnxNode> Ordered(List<OnnxNode> nodes, Dictionary<string, OnnxNode> makers)
    {
        var placed = new List<OnnxNode>(nodes.Count);
        var path = new Stack<(OnnxNode Node, int Next)>();
        // 1: on the path, 2: placed.
        byte[] state = new byte[nodes.Count];
        foreach (OnnxNode root in nodes)
        {
            if (state[root.Index] == 0)
            {
                path.Push((root, 0));
            }

            while (path.TryPop(out (OnnxNode Node, int Next) step))
            {
                (OnnxNode node, int next) = step;
                state[node.Index] = 1;
                if (next == node.Inputs.Count)
                {
                    state[node.Index] = 2;
                    placed.Add(node);
                    continue;
                }

                path.Push((node, next + 1));
                if (makers.TryGetValue(node.Inputs[next], out OnnxNode? maker) && state[maker.Index] != 2)
                {
                    if (state[maker.Index] == 1)
                    {
                        throw Cycle(path, maker);
                    }

                    path.Push((maker, 0));
                }
            }
        }

        return placed;
    }

    private GpuCamException Cycle(Stack<(OnnxNode Node, int Next)> path, OnnxNode closing)
    {
        List<string> cycle = [.. path.Select(step => step.Node).TakeWhile(node => node != closing).Reverse().Select(node => node.Label)];
        string first = closing.Label;
        string others = cycle.Count == 0 ? "itself" : string.Join(", ", cycle.Take(8).Append(cycle.Count > 8 ? "…" : first));
        return Error($"a cycle: {first} waits for {others}");
    }

    private GpuCamException Error(string problem) => new($"{_file}: {problem}: export the model again");
}
