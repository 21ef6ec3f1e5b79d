namespace GpuCam.Model;

/// <summary>
/// Collects the graph of an ONNX model and writes it (onnx.proto): nodes in an order in which they can run, initializers, inputs, outputs.
/// Every name is given once: it is an error to make a value twice.
/// </summary>
/// <param name="opset">Of ONNX's own operators.</param>
internal sealed class OnnxWriter(int opset)
{
    private readonly ProtobufWriter _graph = new ProtobufWriter().Text(2, "gpucam");
    private readonly ProtobufWriter _metadata = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal), _fresh = new(StringComparer.Ordinal);

    /// <summary>Of ONNX's own operators.</summary>
    public int Opset => opset;

    /// <summary>A name that nothing has yet: the stem, or stem and number. It is kept for one value that is made later.</summary>
    public string Fresh(string stem)
    {
        string name = stem;
        for (int i = 1; !_fresh.Add(name) || _names.Contains(name); i++)
        {
            name = $"{stem}_{i}";
        }

        return name;
    }

    /// <summary>Adds a node of one output.</summary>
    /// <param name="op">An operator of ONNX.</param>
    /// <param name="output">What it makes.</param>
    /// <param name="inputs">What it reads; "" where an optional input is left out.</param>
    /// <param name="attributes">Values are long, float, string, long[] or float[].</param>
    /// <returns><paramref name="output"/>.</returns>
    public string Add(
        string op, string output, IReadOnlyList<string> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        Add(op, [output], inputs, attributes);
        return output;
    }

    /// <summary>Adds a node of several outputs.</summary>
    public void Add(
        string op, IReadOnlyList<string> outputs, IReadOnlyList<string> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }

        foreach (string output in outputs)
        {
            Take(output);
            node.Text(2, output);
        }

        node.Text(3, outputs[0]).Text(4, op);
        foreach ((string name, object value) in attributes)
        {
            node.Message(5, Attribute(name, value));
        }

        _graph.Message(1, node);
    }

    /// <summary>Adds numbers; the array must stay as it is until <see cref="Write"/>.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="values">Row by row.</param>
    /// <param name="dims">Extents; none for a single number.</param>
    /// <returns><paramref name="name"/>.</returns>
    public string Floats(string name, float[] values, params long[] dims) => Tensor(name, OnnxType.Float, values, dims);

    /// <summary>Adds whole numbers, as <see cref="Floats"/> does.</summary>
    public string Longs(string name, long[] values, params long[] dims) => Tensor(name, OnnxType.Int64, values, dims);

    /// <summary>Adds an input of the graph.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="type">Format of its numbers.</param>
    /// <param name="dims">Extents: long, or a string where any extent goes.</param>
    public void Input(string name, OnnxType type, params object[] dims)
    {
        Take(name);
        _graph.Message(11, ValueInfo(name, type, dims));
    }

    /// <summary>Adds an output of the graph, which a node makes.</summary>
    public void Output(string name, OnnxType type, params object[] dims) => _graph.Message(12, ValueInfo(name, type, dims));

    /// <summary>Adds an entry of the model's metadata.</summary>
    public void Metadata(string key, string value) => _metadata.Message(14, new ProtobufWriter().Text(1, key).Text(2, value));

    /// <summary>Writes the model.</summary>
    /// <exception cref="GpuCamException">It is larger than such a file can be.</exception>
    public void Write(Stream stream)
    {
        ProtobufWriter model = new ProtobufWriter().Integer(1, IrVersion).Text(2, "GpuCam").Message(7, _graph)
            .Message(8, new ProtobufWriter().Text(1, "").Integer(2, opset));
        long length = model.Length + _metadata.Length;
        if (length > int.MaxValue)
        {
            throw new GpuCamException($"the network has {length} bytes, and an ONNX file holds {int.MaxValue}; give a smaller one");
        }

        model.WriteTo(stream);
        _metadata.WriteTo(stream);
    }

    /// <summary>The oldest version of the file format that has the opset, so that old programs read it too.</summary>
    private int IrVersion => opset switch { <= 14 => 7, <= 18 => 8, <= 20 => 9, <= 22 => 10, _ => 11 };

    private static ProtobufWriter Attribute(string name, object value)
    {
        ProtobufWriter attribute = new ProtobufWriter().Text(1, name);
        switch (value)
        {
            case float number:
                return attribute.Single(2, number).Integer(20, (long)OnnxAttributeKind.Float);
            case long number:
                return attribute.Integer(3, number).Integer(20, (long)OnnxAttributeKind.Int);
            case string text:
                return attribute.Text(4, text).Integer(20, (long)OnnxAttributeKind.Text);
            case float[] numbers:
                Array.ForEach(numbers, number => attribute.Single(7, number));
                return attribute.Integer(20, (long)OnnxAttributeKind.Floats);
            case long[] numbers:
                Array.ForEach(numbers, number => attribute.Integer(8, number));
                return attribute.Integer(20, (long)OnnxAttributeKind.Ints);
            default:
                throw new ArgumentException($"attribute {name}: a {value.GetType().Name} is none of those that are written", nameof(value));
        }
    }

    private static ProtobufWriter ValueInfo(string name, OnnxType type, object[] dims)
    {
        var shape = new ProtobufWriter();
        foreach (object dim in dims)
        {
            shape.Message(1, dim is string symbol
                ? new ProtobufWriter().Text(2, symbol)
                : new ProtobufWriter().Integer(1, Convert.ToInt64(dim, null)));
        }

        ProtobufWriter tensor = new ProtobufWriter().Integer(1, (long)type).Message(2, shape);
        return new ProtobufWriter().Text(1, name).Message(2, new ProtobufWriter().Message(1, tensor));
    }

    private string Tensor(string name, OnnxType type, Array values, long[] dims)
    {
        Take(name);
        var tensor = new ProtobufWriter();
        foreach (long dim in dims)
        {
            tensor.Integer(1, dim);
        }

        if (dims.Aggregate(1L, (product, dim) => product * dim) != values.Length)
        {
            throw new ArgumentException($"{values.Length} numbers are no tensor of {string.Join('x', dims)}", nameof(dims));
        }

        _graph.Message(5, tensor.Integer(2, (long)type).Text(8, name).Raw(9, values));
        return name;
    }

    private void Take(string name)
    {
        if (!_names.Add(name))
        {
            throw new InvalidOperationException($"the value '{name}' is made twice");
        }
    }
}
