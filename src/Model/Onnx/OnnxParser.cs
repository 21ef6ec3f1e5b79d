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
        var functions = new List<string>();
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
                    functions.Add(Function(reader.Bytes, Part(reader, "function")));
                    break;
            }
        }

        if (irVersion < 1 || graph is null || opsets.Count == 0)
        {
            throw reader.Error(irVersion < 1 ? "no IR version" : graph is null ? "no graph" : "no opset");
        }

        OnnxGraph parsed = Graph(graph.Value);
        return parsed.Nodes.FirstOrDefault(node => !opsets.ContainsKey(node.Domain)) is { } stray
            ? throw new GpuCamException($"{message.Source.Name}: {stray.Label} is of a domain {OnnxText.Quote(stray.Domain)} whose opset "
                + "the model does not name: export the model again")
            : new OnnxModel(irVersion, $"{producer} {version}".Trim(), opsets, metadata, functions, parsed);
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

    private static string Function(ByteRange message, string what)
    {
        string name = "", domain = "";
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field == 1)
            {
                name = reader.Text;
            }
            else if (reader.Field == 10)
            {
                domain = Domain(reader.Text);
            }
        }

        return domain.Length == 0 ? name : $"{domain}.{name}";
    }

    /// <summary>ONNX's own domain has two names.</summary>
    private static string Domain(string name) => name == "ai.onnx" ? "" : name;

    private OnnxGraph Graph(ByteRange message)
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
                    inputs.Add(ValueInfo(reader.Bytes, Part(reader, $"input {inputs.Count}")));
                    break;
                case 12:
                    outputs.Add(ValueInfo(reader.Bytes, Part(reader, $"output {outputs.Count}")));
                    break;
                case 13:
                    values.Add(ValueInfo(reader.Bytes, Part(reader, $"value {values.Count}")));
                    break;
                case 15:
                    throw new GpuCamException(
                        $"{message.Source.Name}: a sparse initializer, which is not read: export the model with dense weights");
            }
        }

        var order = new OnnxOrder(message.Source.Name, initializers, inputs);
        OnnxValueInfo[] given = [.. inputs.Where(input => !initializers.ContainsKey(input.Name))];
        return new OnnxGraph(name, order.Sort(nodes, outputs), initializers, given, outputs, values);
    }

    private static OnnxValueInfo ValueInfo(ByteRange message, string what)
    {
        string name = "";
        OnnxType type = OnnxType.Undefined;
        List<OnnxExtent>? extents = null;
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field == 1)
            {
                name = reader.Text;
            }
            else if (reader.Field == 2)
            {
                (type, extents) = Type(reader.Bytes, what);
            }
        }

        return new OnnxValueInfo(name, type, extents);
    }

    private static (OnnxType Type, List<OnnxExtent>? Extents) Type(ByteRange message, string what)
    {
        OnnxType type = OnnxType.Undefined;
        List<OnnxExtent>? extents = null;
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field != 1)
            {
                continue;
            }

            for (var tensor = new ProtobufReader(reader.Bytes, what); tensor.Next();)
            {
                if (tensor.Field == 1)
                {
                    type = (OnnxType)tensor.Integer;
                }
                else if (tensor.Field == 2)
                {
                    extents = Shape(tensor.Bytes, what);
                }
            }
        }

        return (type, extents);
    }

    private static List<OnnxExtent> Shape(ByteRange message, string what)
    {
        var extents = new List<OnnxExtent>();
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field != 1)
            {
                continue;
            }

            long? value = null;
            string? name = null;
            for (var extent = new ProtobufReader(reader.Bytes, what); extent.Next();)
            {
                if (extent.Field == 1)
                {
                    value = extent.Integer;
                }
                else if (extent.Field == 2)
                {
                    name = extent.Text;
                }
            }

            // Tools that wrote the batch as 0 or -1 meant any.
            extents.Add(new OnnxExtent(value is > 0 ? value : null, string.IsNullOrEmpty(name) ? null : name));
        }

        return extents;
    }

    /// <summary>Counts a part of the file.</summary>
    private string Part(ProtobufReader reader, string what) => ++_parts <= MaxParts
        ? what
        : throw reader.Error($"more than {MaxParts} nodes, attributes, tensors and names");
}
