namespace GpuCam.Model;

/// <summary>Reads a <c>NodeProto</c> and its attributes.</summary>
internal sealed class OnnxNodeParser(OnnxTensorParser tensors, Func<ProtobufReader, string, string> part)
{
    /// <summary>The node in <paramref name="message"/>.</summary>
    public OnnxNode Parse(ByteRange message, int index)
    {
        string what = $"node {index}", type = "", name = "", domain = "";
        List<string> inputs = [], outputs = [];
        var attributes = new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal);
        var reader = new ProtobufReader(message, what);
        while (reader.Next())
        {
            part(reader, what);
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(reader.Text);
                    break;
                case 2:
                    outputs.Add(reader.Text);
                    break;
                case 3:
                    name = reader.Text;
                    break;
                case 4:
                    type = reader.Text;
                    break;
                case 5:
                    OnnxAttribute attribute = Attribute(reader.Bytes, what);
                    if (!attributes.TryAdd(attribute.Name, attribute))
                    {
                        throw reader.Error($"two attributes {OnnxText.Quote(attribute.Name)}");
                    }

                    break;
                case 7:
                    domain = reader.Text;
                    break;
            }
        }

        return type.Length == 0
            ? throw reader.Error("no operator")
            : new OnnxNode(message.Source.Name, index)
            {
                Operator = type, Domain = domain == "ai.onnx" ? "" : domain, Name = name, Inputs = inputs, Outputs = outputs,
                Attributes = attributes,
            };
    }

    /// <summary>An attribute, of a node or what a function has for one.</summary>
    public OnnxAttribute Attribute(ByteRange message, string node)
    {
        string what = $"an attribute of {node}", name = "", text = "";
        string? reference = null;
        OnnxAttributeKind said = OnnxAttributeKind.Undefined, found = OnnxAttributeKind.Undefined;
        float number = 0;
        long integer = 0;
        OnnxTensor? tensor = null;
        List<float> floats = [];
        List<long> integers = [];
        List<string> texts = [];
        var reader = new ProtobufReader(message, what);
        while (reader.Next())
        {
            part(reader, what);
            found = reader.Field is >= 2 and <= 11 ? (OnnxAttributeKind)(reader.Field - 1) : found;
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text;
                    break;
                case 2:
                    number = reader.Single;
                    break;
                case 3:
                    integer = reader.Integer;
                    break;
                case 4:
                    text = reader.Text;
                    break;
                case 5:
                    tensor = tensors.Parse(reader.Bytes, $"the tensor of {what}");
                    break;
                case 7:
                    reader.AddSingles(floats);
                    break;
                case 8:
                    reader.AddIntegers(integers);
                    break;
                case 9:
                    texts.Add(reader.Text);
                    break;
                case 20:
                    said = (OnnxAttributeKind)reader.Integer;
                    break;
                case 21:
                    reference = reader.Text;
                    break;
            }
        }

        return name.Length == 0
            ? throw reader.Error("no name")
            : new OnnxAttribute(name, said == OnnxAttributeKind.Undefined ? found : said)
            {
                Float = number, Int = integer, Text = text, Tensor = tensor, Floats = floats, Ints = integers, Texts = texts,
                Reference = reference,
            };
    }
}
