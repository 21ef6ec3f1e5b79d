using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Writes the nodes of a graph as those of ONNX, each by the rule for its kind (<see cref="ForwardRules"/>). A value is a tensor in one of
/// the forms of <see cref="OnnxForm"/>, the one that its node makes, and comes in another one when that is first asked for, so that nothing
/// is turned for nobody. The images are the first axis, as many as whoever runs the file likes.
/// </summary>
internal sealed class ForwardExport
{
    private readonly Execution _execution;
    private readonly Dictionary<(Value Value, OnnxForm Form), string> _tensors = [];
    private readonly Dictionary<Value, OnnxForm> _made = [];

    /// <summary>An export of what <paramref name="execution"/> runs, with the parameters that it has now.</summary>
    public ForwardExport(OnnxWriter writer, Execution execution)
    {
        (Writer, _execution) = (writer, execution);
        Numbers = new ExportedNumbers(writer, execution);
        foreach (Value value in Graph.Values)
        {
            Writer.Fresh(value.Name);       // nothing else is called that
        }
    }

    /// <summary>What is written to.</summary>
    public OnnxWriter Writer { get; }

    /// <summary>Parameters and constants of the file.</summary>
    public ExportedNumbers Numbers { get; }

    /// <summary>What is written.</summary>
    public Graph Graph => _execution.Graph;

    /// <summary>The number of images: a symbol, or 1 where they run one by one.</summary>
    public object Images => Graph.MixesImages ? 1L : "N";

    /// <summary>The number of images in arithmetic on extents.</summary>
    public long Batch => Graph.MixesImages ? 1 : OnnxView.Batch;

    /// <summary>Writes inputs and nodes. Outputs are whoever's who calls: <see cref="OutputOf"/> makes them.</summary>
    public void Write()
    {
        foreach (Value input in Graph.Inputs)
        {
            Writer.Input(input.Name, OnnxType.Float, DimsOf(input, OnnxForm.Picture));
            Set(input, OnnxForm.Picture, input.Name);
        }

        foreach (Node node in Graph.Nodes)
        {
            ForwardRules.Of(node)(this, node);
        }
    }

    /// <summary>The tensor [N*n, C, H, W] of a value.</summary>
    public string NameOf(Value value) => In(value, OnnxForm.Picture);

    /// <summary>The form that a value was made in: what costs nothing to read.</summary>
    public OnnxForm FormOf(Value value) => _made[value];

    /// <summary>The form of an output: rows where it has one cell, else a picture.</summary>
    public static OnnxForm OutputFormOf(Value output) => output.Shape.Area == 1 ? OnnxForm.Rows : OnnxForm.Picture;

    /// <summary>The tensor of a value in a form, turned where it is not there yet.</summary>
    public string In(Value value, OnnxForm form)
    {
        if (_tensors.TryGetValue((value, form), out string? known))
        {
            return known;
        }

        OnnxForm from = _made[value];
        string tensor = _tensors[(value, from)];
        string name = Claim(value, form);
        return Set(value, form, Move(tensor, from.Extents(ExtentsOf(value)), InForm(SeenFrom(value, from), form), name));
    }

    /// <summary>Adds the node that makes a value in a form, and returns its tensor.</summary>
    public string Make(
        Value value, OnnxForm form, string op, IReadOnlyList<string> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes) =>
        Set(value, form, Writer.Add(op, Claim(value, form), inputs, attributes));

    /// <summary>Adds a node on the way to a value.</summary>
    public string Step(
        Value value, string step, string op, IReadOnlyList<string> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes) =>
        Writer.Add(op, Writer.Fresh($"{value.Name}/{step}"), inputs, attributes);

    /// <summary>Says which tensor a value is in a form.</summary>
    public string Set(Value value, OnnxForm form, string tensor)
    {
        _made.TryAdd(value, form);
        return _tensors[(value, form)] = tensor;
    }

    /// <summary>
    /// What to call a value's tensor that is about to be made: its own name for the form that comes first, and for an output the one
    /// that it leaves the file in.
    /// </summary>
    public string Claim(Value value, OnnxForm form)
    {
        bool isOutput = Graph.Outputs.Contains(value);
        bool takesName = isOutput ? form == OutputFormOf(value) : !_made.ContainsKey(value);
        return takesName ? value.Name : Writer.Fresh($"{value.Name}/{form.ToString().ToLowerInvariant()}");
    }

    /// <summary>Makes a value an output of the file, under its own name.</summary>
    public void OutputOf(Value value)
    {
        OnnxForm form = OutputFormOf(value);
        string tensor = In(value, form);
        if (tensor != value.Name)
        {
            Writer.Add("Identity", value.Name, [tensor]);
        }

        Writer.Output(value.Name, OnnxType.Float, DimsOf(value, form));
    }

    /// <summary>What a file says of a value's extents.</summary>
    public object[] DimsOf(Value value, OnnxForm form)
    {
        Shape shape = value.Shape;
        object images = Graph.MixesImages ? (long)shape.N : shape.N == 1 ? "N" : $"{shape.N}*N";
        return [images, .. form.Extents([0, shape.H, shape.W, shape.C]).Skip(1).Cast<object>()];
    }

    /// <summary>Extents [N*n, H, W, C], with <see cref="Batch"/> for N.</summary>
    public long[] ExtentsOf(Value value) => [Batch * value.Shape.N, value.Shape.H, value.Shape.W, value.Shape.C];

    /// <summary>A value as [N*n, H, W, C], seen from the memory of a tensor in a form.</summary>
    public OnnxView SeenFrom(Value value, OnnxForm form) =>
        OnnxView.Dense(ExtentsOf(value), form == OnnxForm.Picture ? form.Order : OnnxForm.Last.Order);

    /// <summary>What is seen as [N*n, H, W, C], seen in a form.</summary>
    public static OnnxView InForm(OnnxView nhwc, OnnxForm form) => form == OnnxForm.Rows
        ? nhwc.Squeeze([1, 2])
        : nhwc.Transpose(form.Order);

    /// <summary>
    /// Brings a tensor's numbers in the order in which <paramref name="view"/> sees them, by a Transpose and what Reshapes it takes;
    /// returns the tensor itself where they lie so already.
    /// </summary>
    /// <param name="tensor">A tensor.</param>
    /// <param name="extents">Its extents, with <see cref="Batch"/> for N.</param>
    /// <param name="view">What is wanted, over its memory.</param>
    /// <param name="name">How the result is called.</param>
    public string Move(string tensor, IReadOnlyList<long> extents, OnnxView view, string name)
    {
        (long[] source, int[] order) = view.Permutation([.. Enumerable.Range(0, view.Rank)]);
        if (order.SequenceEqual(Enumerable.Range(0, order.Length)))
        {
            return extents.SequenceEqual(view.Extents) ? tensor : Reshape(tensor, extents, view.Extents, name);
        }

        long[] from = [.. extents];
        if (Runs(from, source) is { } runs)
        {
            order = [.. order.SelectMany(i => runs[i])];
        }
        else
        {
            tensor = Reshape(tensor, from, source, Writer.Fresh($"{name}/apart"));
            from = source;
        }

        long[] turned = [.. order.Select(axis => from[axis])];
        bool isLast = turned.SequenceEqual(view.Extents);
        tensor = Writer.Add("Transpose", isLast ? name : Writer.Fresh($"{name}/turned"), [tensor],
            ("perm", order.Select(axis => (long)axis).ToArray()));
        return isLast ? tensor : Reshape(tensor, turned, view.Extents, name);
    }

    /// <summary>The same numbers under other extents, with <see cref="Batch"/> for N.</summary>
    public string Reshape(string tensor, IReadOnlyList<long> from, IReadOnlyList<long> to, string name) =>
        Writer.Add("Reshape", name, [tensor, Numbers.Longs([.. to.Select((extent, axis) =>
            Batch == 1 || extent % Batch != 0 ? extent : axis == 0 && from[0] == extent ? 0 : -1)])]);

    /// <summary>Which neighbouring axes together make each of these extents; null if they do not.</summary>
    private static int[][]? Runs(long[] axes, long[] extents)
    {
        int[][] runs = [.. extents.Select(_ => (int[])[])];
        int next = 0;
        for (int i = 0; i < extents.Length; i++)
        {
            for (long product = 1; product < extents[i] && next < axes.Length; next++)
            {
                product *= axes[next];
                runs[i] = [.. runs[i], next];
                if (product > extents[i])
                {
                    return null;
                }
            }
        }

        // What is left has an extent of 1.
        runs[^1] = [.. runs[^1], .. Enumerable.Range(next, axes.Length - next)];
        return runs;
    }
}
