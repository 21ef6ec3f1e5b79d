using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>A node that is being made part of the graph: what it takes, and what is made of it.</summary>
internal sealed class OnnxCall(OnnxAttempt attempt, OnnxFoldCall known, IReadOnlyList<OnnxActivation?> activations)
{
    /// <summary>The node.</summary>
    public OnnxNode Node => known.Node;

    /// <summary>Of the operator's domain.</summary>
    public long Opset => known.Opset;

    /// <summary>The node with those of its inputs that are known at load.</summary>
    public OnnxFoldCall Known => known;

    /// <summary>How many inputs it names.</summary>
    public int Count => activations.Count;

    /// <summary>The number of images in extents: <see cref="OnnxView.Batch"/>, or 1 where images run one by one.</summary>
    public long Batch => attempt.Batch;

    /// <summary>An input that depends on the image.</summary>
    public OnnxActivation this[int number] => Find(number)
        ?? throw Node.Error($"of an input {number} that does not depend on the image is not computed: export the model without it");

    /// <summary>An input that depends on the image; null if it does not or is left out.</summary>
    public OnnxActivation? Find(int number) => number < activations.Count ? activations[number] : null;

    /// <summary>An input that does not depend on the image; null if it is left out.</summary>
    public OnnxConstant? Constant(int number) => Find(number) is null
        ? known.Find(number)
        : throw Node.Error($"its input {number} depends on the image: only fixed ones are read");

    /// <summary>An input that has to be there and does not depend on the image.</summary>
    public OnnxConstant Weights(int number) => Constant(number) ?? known[number];

    /// <summary>The one number of an input that does not depend on the image, or of an attribute before <paramref name="since"/>.</summary>
    public float? Number(int number, string attribute, long since)
    {
        if (Opset < since)
        {
            return Node.Has(attribute) ? Node.Float(attribute, 0) : null;
        }

        return Constant(number) switch
        {
            null => null,
            { Count: 1 } one => one.ToFloats()[0],
            _ => throw Node.Error($"its input {number} is not one number: export the model again"),
        };
    }

    /// <summary>Whether batch normalisations stay nodes of their own.</summary>
    public bool KeepsNormalizations => attempt.KeepsNormalizations;

    /// <summary>Adds a node of the graph; the last one added for an output takes its name, the others a name made from it.</summary>
    public Value Add(Node node, string? step = null, int output = 0) =>
        attempt.Add(step is null ? Node.Outputs[output] : $"{FirstOutput}/{step}", node);

    /// <summary>Adds a node that changes numbers and leaves them where they are.</summary>
    public OnnxActivation Add(OnnxActivation x, Func<Value, Node> node, string? step = null) => x with { Value = Add(node(x.Value), step) };

    /// <summary>Says what an output is.</summary>
    public void Return(OnnxActivation result, int output = 0) => attempt.Set(Node.Outputs[output], new OnnxValue(result, null));

    /// <summary>Says what an output is.</summary>
    public void Return(OnnxConstant result, int output = 0) => attempt.Set(Node.Outputs[output], new OnnxValue(null, result));

    /// <summary>Says what an output is.</summary>
    public void Return(Value value, IReadOnlyList<long> extents, OnnxLayout layout, int output = 0) =>
        Return(new OnnxActivation(value, OnnxView.Dense(extents, layout.Order)), output);

    /// <summary>The activation with its axes along memory's as <paramref name="layout"/> says; moved if it lies otherwise.</summary>
    public Value Arrange(OnnxActivation x, OnnxLayout layout)
    {
        Shape shape = layout.ShapeOf(x.Extents, Batch);

        // The tensor's own name is for the layout in which people expect it: a map of any other has nothing to do with the picture.
        string? name = layout.Order.SequenceEqual(OnnxLayout.Usual(x.Rank, Batch).Order) ? x.Name : null;
        if (x.View.Lies(layout.Order))
        {
            return x.Value.Shape == shape ? x.Value : attempt.Derive(x.Value, $"as {shape}", name, value => new ReshapeNode(value, shape));
        }

        (long[] extents, int[] order) = x.View.Permutation(layout.Order);
        if (Batch == 1)
        {
            // One image: memory's first axis, which holds the images, is none of the view's.
            (extents, order) = ([1, .. extents], [0, .. order.Select(axis => axis + 1)]);
        }

        return order[0] != 0 ? throw Node.Error("looks across images")
            : extents.Length > PermuteLimit ? throw Node.Error($"moves {extents.Length} axes, of which at most {PermuteLimit} are")
            : attempt.Derive(x.Value, $"moved {string.Join('x', extents)} {string.Join(' ', order)} {shape}", name,
                value => new PermuteNode(value, [.. extents.Skip(1).Select(extent => (int)extent)], order, shape));
    }

    /// <summary>The activation with its axes in memory in the order that ONNX has them.</summary>
    public OnnxActivation Dense(OnnxActivation x)
    {
        int[] all = [.. Enumerable.Range(0, x.Rank)];
        int images = Array.FindIndex(all, axis => x.Extents[axis] % Batch == 0);
        var layout = new OnnxLayout([.. all.Take(images + 1)], [], [], [.. all.Skip(images + 1)]);
        return x.View.Lies(all) ? x : new OnnxActivation(Arrange(x, layout), OnnxView.Dense(x.Extents));
    }

    /// <summary>How the activation lies, or is to lie where it is torn apart.</summary>
    public OnnxLayout LayoutOf(OnnxActivation x) => OnnxLayout.Of(x, Batch) ?? OnnxLayout.Usual(x.Rank, Batch);

    /// <summary>Whether anybody reads one of the outputs behind the first: what they give is for training.</summary>
    public bool IsMoreRead => Node.Outputs.Skip(1).Any(output => output.Length > 0 && attempt.Reads(output) > 0);

    /// <summary>The weights of the convolution that makes an input and is read by this node alone; null if there is none.</summary>
    public (OnnxConstant Weight, OnnxConstant? Bias)? OwnConvolution(int number) =>
        attempt.Reads(Node.Inputs[number]) == 1
        && attempt.Convolutions.TryGetValue(this[number].Value, out (OnnxConstant, OnnxConstant?) own) ? own : null;

    /// <summary>Weights as they were remembered; null if none were.</summary>
    public (OnnxConstant Weight, OnnxConstant? Bias)? Remembered(Value product) =>
        attempt.Convolutions.TryGetValue(product, out (OnnxConstant, OnnxConstant?) own) ? own : null;

    /// <summary>Keeps the weights of a convolution or linear layer for what may be folded into them.</summary>
    public void Remember(Value product, OnnxConstant weight, OnnxConstant? bias) => attempt.Convolutions[product] = (weight, bias);

    /// <summary>A picture [N, C, H, W], or a row [N, C, W], channels last.</summary>
    public (Value Value, OnnxLayout Layout) Picture(int number = 0)
    {
        OnnxActivation x = this[number];
        OnnxLayout layout = x.Rank switch
        {
            4 => OnnxLayout.Picture,
            3 => new([0], [], [2], [1]),
            _ => throw Node.Error($"of {x.Rank} axes is not run: only pictures and rows are"),
        };
        return (Arrange(x, layout), layout);
    }

    /// <summary>A parameter of the graph with the numbers of <paramref name="constant"/> in the order of its axes.</summary>
    public GraphParameter Parameter(string role, OnnxConstant constant, ParameterKind kind, Shape shape) =>
        constant.Count == (long)shape.N * shape.H * shape.W * shape.C
            ? new GraphParameter(attempt.ParameterName(constant, $"{FirstOutput}.{role}"), kind, shape, new OnnxData(constant))
            : throw Node.Error($"its {role} [{string.Join(", ", constant.Extents)}] are not {shape}: export the model again");

    /// <summary>A parameter that is a vector of channels.</summary>
    public GraphParameter Vector(string role, int number, int length, ParameterKind kind) =>
        Parameter(role, Weights(number), kind, Shape.Vector(length));

    private const int PermuteLimit = 6;

    private string FirstOutput => Node.Outputs.FirstOrDefault(output => output.Length > 0) ?? Node.Operator;
}
