namespace GpuCam.Model;

/// <summary>
/// Reads the messages of an ONNX file (onnx.proto) down to tensors. Graphs within nodes are not looked into: no operator that has one is
/// run, and so nothing in a file makes this recur.
/// </summary>
internal sealed class OnnxParser(OnnxExternalData external)
{
    /// <summary>More nodes, attributes, tensors and names than any network has: a file of empty parts would fill memory.</summary>
    public const int MaxParts = 1_000_000;

    private readonly OnnxTensorParser _tensors = new(external);
    private int _parts;

    /// <summary>All of a <c>ModelProto</c>; its graph is checked and ordered.</summary>
    /// <exception cref="GpuCamException">It is damaged, lies or misses something.</exception>
    public OnnxModel Model(ByteRange message)
    {
        long irVersion = 0;
        string producer = "", version = "";
        var opsets = new Dictionary<string, long>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var functions = new List<OnnxFunction>();
        ByteRange? graph = null;
        var reader = new ProtobufReader(message, "model");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    irVersion = reader.Integer;
                    break;
                case 2:
                    producer = reader.Text;
                    break;
                case 3:
                    version = reader.Text;
                    break;
                case 7:
                    graph = graph is null ? reader.Bytes : throw reader.Error("two graphs");
                    break;
                case 8:
                    (string domain, long opset) = Opset(reader);
                    opsets[domain] = opsets.TryAdd(domain, opset) ? opset : throw reader.Error($"two opsets of domain '{domain}'");
                    break;
                case 14:
                    (string key, string value) = OnnxEntries.Read(reader.Bytes, Part(reader, "metadata"));
                    metadata[key] = value;
                    break;
                case 25:
                    functions.Add(Function(reader.Bytes, Part(reader, $"function {functions.Count}")));
                    break;
            }
        }

        if (irVersion < 1 || graph is null || opsets.Count == 0)
        {
            throw reader.Error(irVersion < 1 ? "no IR version" : graph is null ? "no graph" : "no opset");
        }

        OnnxGraph parsed = Graph(graph.Value, new OnnxFunctions(message.Source.Name, functions));
        return parsed.Nodes.FirstOrDefault(node => node.Opset is null && !opsets.ContainsKey(node.Domain)) is { } stray
            ? throw new GpuCamException($"{message.Source.Name}: {stray.Label} is of a domain {OnnxText.Quote(stray.Domain)} whose opset "
                + "the model does not name: export the model again")
            : new OnnxModel(irVersion, $"{producer} {version}".Trim(), opsets, metadata, parsed);
    }

    private static (string Domain, long Version) Opset(ProtobufReader outer)
    {
        string domain = "";
        long version = 0;
        for (var reader = new ProtobufReader(outer.Bytes, "opset"); reader.Next();)
        {
            if (reader.Field == 1)
            {
                domain = Domain(reader.Text);
            }
            else if (reader.Field == 2)
            {
                version = reader.Integer;
            }
        }

        return version >= 1 ? (domain, version) : throw outer.Error($"opset {version} of domain '{domain}'");
    }

    private OnnxFunction Function(ByteRange message, string what)
    {
        string name = "", domain = "";
        List<string> inputs = [], outputs = [];
        var defaults = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        var opsets = new Dictionary<string, long>(StringComparer.Ordinal);
        var nodes = new List<OnnxNode>();
        var parser = new OnnxNodeParser(_tensors, Part);
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text;
                    break;
                case 4:
                    inputs.Add(reader.Text);
                    break;
                case 5:
                    outputs.Add(reader.Text);
                    break;
                case 7:
                    nodes.Add(parser.Parse(reader.Bytes, nodes.Count));
                    break;
                case 9:
                    (string of, long opset) = Opset(reader);
                    opsets[of] = opset;
                    break;
                case 10:
                    domain = Domain(reader.Text);
                    break;
                case 11:
                    OnnxAttribute attribute = parser.Attribute(reader.Bytes, what);
                    defaults[attribute.Name] = attribute;
                    break;
            }
        }

        return new OnnxFunction(domain, name, inputs, outputs, defaults, opsets, nodes);
    }

    /// <summary>ONNX's own domain has two names.</summary>
    private static string Domain(string name) => name == "ai.onnx" ? "" : name;

    private OnnxGraph Graph(ByteRange message, OnnxFunctions functions)
    {
        string name = "";
        var nodes = new List<OnnxNode>();
        var initializers = new Dictionary<string, OnnxTensor>(StringComparer.Ordinal);
        List<OnnxValueInfo> inputs = [], outputs = [], values = [];
        var reader = new ProtobufReader(message, "graph");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    nodes.Add(new OnnxNodeParser(_tensors, Part).Parse(reader.Bytes, nodes.Count));
                    break;
                case 2:
                    name = reader.Text;
                    break;
                case 5:
                    OnnxTensor tensor = _tensors.Parse(reader.Bytes, Part(reader, $"initializer {initializers.Count}"));
                    if (!initializers.TryAdd(tensor.Name, tensor))
                    {
                        throw reader.Error($"two initializers {OnnxText.Quote(tensor.Name)}");
                    }

                    break;
                case 11:
                    inputs.Add(OnnxValueInfoParser.Parse(reader.Bytes, Part(reader, $"input {inputs.Count}")));
                    break;
                case 12:
                    outputs.Add(OnnxValueInfoParser.Parse(reader.Bytes, Part(reader, $"output {outputs.Count}")));
                    break;
                case 13:
                    values.Add(OnnxValueInfoParser.Parse(reader.Bytes, Part(reader, $"value {values.Count}")));
                    break;
                case 15:
                    throw new GpuCamException(
                        $"{message.Source.Name}: a sparse initializer, which is not read: export the model with dense weights");
            }
        }

        var order = new OnnxOrder(message.Source.Name, initializers, inputs);
        OnnxValueInfo[] given = [.. inputs.Where(input => !initializers.ContainsKey(input.Name))];
        return new OnnxGraph(name, order.Sort(functions.Inline(nodes), outputs), initializers, given, outputs, values);
    }

    /// <summary>Counts a part of the file.</summary>
    private string Part(ProtobufReader reader, string what) => ++_parts <= MaxParts
        ? what
        : throw reader.Error($"more than {MaxParts} nodes, attributes, tensors and names");
}
