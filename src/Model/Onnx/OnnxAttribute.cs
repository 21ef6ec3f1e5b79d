namespace GpuCam.Model;

/// <summary>What an attribute holds, numbered as in the file (<c>AttributeProto.AttributeType</c>).</summary>
internal enum OnnxAttributeKind
{
    Undefined = 0,
    Float = 1,
    Int = 2,
    Text = 3,
    Tensor = 4,
    Graph = 5,
    Floats = 6,
    Ints = 7,
    Texts = 8,
    Tensors = 9,
    Graphs = 10,
    SparseTensor = 11,
    SparseTensors = 12,
    TypeProto = 13,
    TypeProtos = 14,
}

/// <summary>A named setting of a node. Of its values only that of its kind counts.</summary>
internal sealed record OnnxAttribute(string Name, OnnxAttributeKind Kind)
{
    public float Float { get; init; }

    public long Int { get; init; }

    public string Text { get; init; } = "";

    public OnnxTensor? Tensor { get; init; }

    public IReadOnlyList<float> Floats { get; init; } = [];

    public IReadOnlyList<long> Ints { get; init; } = [];

    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>In the body of a function: the attribute of the call that this one stands for.</summary>
    public string? Reference { get; init; }
}
