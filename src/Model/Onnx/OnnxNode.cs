namespace GpuCam.Model;

/// <summary>One operator of a graph: the names of what it takes and makes, and its settings.</summary>
internal sealed class OnnxNode(string file, int index)
{
    /// <summary>The operator, such as <c>Conv</c>.</summary>
    public required string Operator { get; init; }

    /// <summary>Whose operator it is; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Often empty, never to be relied on.</summary>
    public string Name { get; init; } = "";

    /// <summary>Names of values; an empty one stands for an input that is left out.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Names of values; an empty one is not wanted.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Settings by their names.</summary>
    public IReadOnlyDictionary<string, OnnxAttribute> Attributes { get; init; } = new Dictionary<string, OnnxAttribute>();

    /// <summary>Its place in the file, from 0.</summary>
    public int Index { get; } = index;

    /// <summary>The version of its domain where a function of the file says another than the file; null for the file's.</summary>
    public long? Opset { get; private init; }

    /// <summary>The operator with its domain, if that is not ONNX's own.</summary>
    public string FullOperator => Domain.Length == 0 ? Operator : $"{Domain}.{Operator}";

    /// <summary>What errors call it: <c>Conv node 'conv1'</c>, or by what it makes if it has no name.</summary>
    public string Label => Name.Length > 0 ? $"{FullOperator} node {OnnxText.Quote(Name)}"
        : Outputs.FirstOrDefault(output => output.Length > 0) is { } made ? $"{FullOperator} node that makes {OnnxText.Quote(made)}"
        : $"{FullOperator} node {Index}";

    /// <summary>The same operator at another place.</summary>
    public OnnxNode At(
        int place, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, OnnxAttribute> attributes,
        long? opset) => new(file, place)
        {
            Operator = Operator, Domain = Domain, Name = Name, Inputs = inputs, Outputs = outputs, Attributes = attributes, Opset = opset,
        };

    /// <summary>Whether there is an input of this number.</summary>
    public bool HasInput(int number) => number < Inputs.Count && Inputs[number].Length > 0;

    /// <summary>Whether there is an attribute of this name.</summary>
    public bool Has(string name) => Attributes.ContainsKey(name);

    /// <summary>An attribute that is an integer.</summary>
    public long Int(string name, long missing) => Find(name, OnnxAttributeKind.Int)?.Int ?? missing;

    /// <summary>An attribute that is a number.</summary>
    public float Float(string name, float missing) => Find(name, OnnxAttributeKind.Float)?.Float ?? missing;

    /// <summary>An attribute that is text.</summary>
    public string Text(string name, string missing) => Find(name, OnnxAttributeKind.Text)?.Text ?? missing;

    /// <summary>An attribute that is a list of integers, or null.</summary>
    public IReadOnlyList<long>? Ints(string name) => Find(name, OnnxAttributeKind.Ints)?.Ints;

    /// <summary>An attribute that is a list of numbers, or null.</summary>
    public IReadOnlyList<float>? Floats(string name) => Find(name, OnnxAttributeKind.Floats)?.Floats;

    /// <summary>An attribute that is a tensor, or null.</summary>
    public OnnxTensor? Tensor(string name) => Find(name, OnnxAttributeKind.Tensor)?.Tensor;

    /// <summary>An error about this node.</summary>
    public GpuCamException Error(string problem) => new($"{file}: {Label}: {problem}");

    private OnnxAttribute? Find(string name, OnnxAttributeKind kind)
    {
        if (!Attributes.TryGetValue(name, out OnnxAttribute? attribute))
        {
            return null;
        }

        // Without a kind and without a value it is a list of nothing, which files of before IR 2 and of proto3 have.
        return attribute.Kind == kind || attribute.Kind == OnnxAttributeKind.Undefined
            ? attribute
            : throw Error($"its attribute '{name}' is of kind {attribute.Kind} in place of {kind}: export the model again");
    }
}
