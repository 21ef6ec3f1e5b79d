namespace GpuCam.Model;

/// <summary>An operator that the file itself defines, as nodes.</summary>
internal sealed record OnnxFunction(
    string Domain,
    string Name,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, OnnxAttribute> Defaults,
    IReadOnlyDictionary<string, long> Opsets,
    IReadOnlyList<OnnxNode> Nodes);

/// <summary>
/// Puts the nodes of a function in the place of each call of it, with names of their own. Functions call functions, to a depth that no tool
/// writes, and never themselves.
/// </summary>
internal sealed class OnnxFunctions(string file, IEnumerable<OnnxFunction> functions)
{
    private const int MostNested = 16;

    private readonly Dictionary<(string, string), OnnxFunction> _functions = functions
        .GroupBy(function => (function.Domain, function.Name)).ToDictionary(group => group.Key, group => group.First());

    private readonly List<OnnxNode> _nodes = [];
    private int _calls;

    /// <summary>The nodes with all calls replaced.</summary>
    /// <exception cref="GpuCamException">Functions call each other without end, or make more nodes than any network has.</exception>
    public List<OnnxNode> Inline(List<OnnxNode> nodes)
    {
        if (_functions.Count == 0)
        {
            return nodes;
        }

        foreach (OnnxNode node in nodes)
        {
            Add(node, 0);
        }

        return _nodes;
    }

    private void Add(OnnxNode node, int depth)
    {
        if (!_functions.TryGetValue((node.Domain, node.Operator), out OnnxFunction? function))
        {
            _nodes.Add(node.At(_nodes.Count, node.Inputs, node.Outputs, node.Attributes, node.Opset));
            return;
        }

        if (depth == MostNested || _nodes.Count + _calls > OnnxParser.MaxParts)
        {
            throw new GpuCamException($"{file}: {node.Label}: functions call each other without end: export the model again");
        }

        string prefix = $"{(node.Name.Length > 0 ? node.Name : node.Operator)}.{++_calls}/";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < function.Inputs.Count; i++)
        {
            names[function.Inputs[i]] = i < node.Inputs.Count ? node.Inputs[i] : "";
        }

        for (int i = 0; i < function.Outputs.Count; i++)
        {
            string wanted = i < node.Outputs.Count && node.Outputs[i].Length > 0 ? node.Outputs[i] : $"{prefix}{function.Outputs[i]}";
            if (!names.TryAdd(function.Outputs[i], wanted))
            {
                throw new GpuCamException(
                    $"{file}: {node.Label}: its function gives an input back as it is: export the model without that");
            }
        }

        foreach (OnnxNode inner in function.Nodes)
        {
            OnnxNode called = inner.At(
                inner.Index, [.. inner.Inputs.Select(Name)], [.. inner.Outputs.Select(Name)], Attributes(inner, node, function),
                function.Opsets.TryGetValue(inner.Domain, out long opset) ? opset : null);
            Add(called, depth + 1);
        }

        string Name(string name) => name.Length == 0 ? "" : names.TryGetValue(name, out string? known) ? known : $"{prefix}{name}";
    }

    /// <summary>The attributes of a node of a function: some stand for those of the call.</summary>
    private static Dictionary<string, OnnxAttribute> Attributes(OnnxNode inner, OnnxNode call, OnnxFunction function)
    {
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        foreach ((string name, OnnxAttribute attribute) in inner.Attributes)
        {
            if (attribute.Reference is not { Length: > 0 } reference)
            {
                attributes[name] = attribute;
            }
            else if (call.Attributes.TryGetValue(reference, out OnnxAttribute? given)
                || function.Defaults.TryGetValue(reference, out given))
            {
                attributes[name] = given with { Name = name };
            }
        }

        return attributes;
    }
}
