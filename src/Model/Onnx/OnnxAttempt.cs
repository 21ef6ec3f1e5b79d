namespace GpuCam.Model;

/// <summary>
/// Makes a graph of a model, node by node: what does not depend on the image is computed, what only changes a view is noted, the rest
/// becomes nodes. With <paramref name="oneByOne"/> the model is read for one image, which lets it look along the axis of images.
/// </summary>
internal sealed class OnnxAttempt(OnnxFile file, OnnxImportOptions options, bool oneByOne)
{
    private readonly GraphBuilder _builder = new() { MixesImages = oneByOne };
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<(Value, string), Value> _derived = [];
    private readonly HashSet<string> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _reads = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly IReadOnlyList<string> _outputs = options.Outputs ?? file.Model.Outputs;
    private string _scores = "";
    private long _made;

    /// <summary>The number of images in extents.</summary>
    public long Batch { get; } = oneByOne ? 1 : OnnxView.Batch;

    /// <summary>Whether batch normalisations stay nodes of their own.</summary>
    public bool KeepsNormalizations => options.KeepsNormalizations;

    /// <summary>What is left out at the end: scores are what comes before.</summary>
    public string? Ending { get; private set; }

    /// <summary>The convolutions made so far, by what they make, with their weights [OC, IC, KH, KW] and biases.</summary>
    public Dictionary<Value, (OnnxConstant Weight, OnnxConstant? Bias)> Convolutions { get; } = [];

    /// <summary>How ONNX sees the graph's inputs.</summary>
    public List<OnnxLayout> InputLayouts { get; } = [];

    /// <summary>How ONNX sees the graph's outputs.</summary>
    public List<OnnxLayout> OutputLayouts { get; } = [];

    /// <summary>The graph that ends in the model's outputs.</summary>
    /// <exception cref="GpuCamException">Something cannot run; the message says all of it.</exception>
    public Graph Run()
    {
        OnnxGraph graph = file.Model.Graph;
        CheckOutputs(graph);
        foreach ((string name, OnnxTensor tensor) in graph.Initializers)
        {
            _values[name] = new OnnxValue(null, new OnnxConstant(tensor));
        }

        foreach ((string name, OnnxConstant given) in options.Constants)
        {
            _values[name] = new OnnxValue(null, given);
        }

        OnnxNode[] nodes = [.. graph.Nodes.Where(node => !node.Outputs.Any(options.Constants.ContainsKey))];
        HashSet<string> wanted = [.. _outputs];
        foreach (string read in graph.Nodes.SelectMany(node => node.Inputs).Concat(_outputs))
        {
            _reads[read] = Reads(read) + 1;
        }

        foreach (OnnxNode node in nodes.Reverse().Where(node => node.Outputs.Any(wanted.Contains)))
        {
            wanted.UnionWith(node.Inputs);
        }

        var inputs = new OnnxInputs(file, options, Batch);
        foreach (OnnxValueInfo input in file.Model.Inputs(wanted).Where(input => !options.Constants.ContainsKey(input.Name)))
        {
            (OnnxActivation image, OnnxLayout layout) = inputs.Add(_builder, input);
            _values[input.Name] = new OnnxValue(image, null);
            InputLayouts.Add(layout);
        }

        foreach (OnnxNode node in nodes.Where(node => node.Outputs.Any(wanted.Contains)))
        {
            Take(node);
        }

        Value[] outputs = [.. _outputs.Select(Output).OfType<Value>()];
        return _problems.Count == 0 ? _builder.Build(outputs) : throw new GpuCamException(Explain());
    }

    /// <summary>Adds a node under a name, or one like it if there are two of that.</summary>
    public Value Add(string name, Node node)
    {
        string free = name;
        for (int i = 2; _builder.Has(free); i++)
        {
            free = $"{name}.{i}";
        }

        return _builder.Add(free, OnnxIdioms.Of(node));
    }

    /// <summary>How often a name is read, as an output too.</summary>
    public int Reads(string name) => _reads.GetValueOrDefault(name);

    /// <summary>
    /// What a node makes of a value, once for all who want it; <paramref name="name"/>, if no other value has it, is how people call that.
    /// </summary>
    public Value Derive(Value value, string how, string? name, Func<Value, Node> make)
    {
        if (!_derived.TryGetValue((value, how), out Value? made))
        {
            string free = name is { Length: > 0 } && !_builder.Has(name) ? name : $"{value.Name}/{how}";
            _derived[(value, how)] = made = Add(free, make(value));
        }

        return made;
    }

    /// <summary>Says what a name stands for.</summary>
    public void Set(string name, OnnxValue value) => _values[name] = value with { Activation = value.Activation?.Called(name) };

    /// <summary>A name for a parameter: its own in the file, unless another took it.</summary>
    public string ParameterName(OnnxConstant constant, string otherwise)
    {
        string name = constant.Name.Length > 0 ? constant.Name : otherwise, free = name;
        for (int i = 2; !_parameters.Add(free); i++)
        {
            free = $"{name}.{i}";
        }

        return free;
    }

    private void Take(OnnxNode node)
    {
        OnnxValue?[] inputs = [.. node.Inputs.Select(input => input.Length == 0 ? null : _values[input])];
        foreach (string output in node.Outputs)
        {
            _values[output] = OnnxValue.Broken;
        }

        long opset = node.Opset ?? file.Model.Opsets.GetValueOrDefault(node.Domain);
        if (OnnxOperators.Find(node) is null && !OnnxFolding.Knows(node) && !IsEnding(node))
        {
            _problems.Add($"{node.Label} (opset {opset}): there is no such operator here");
            return;
        }

        if (inputs.Contains(OnnxValue.Broken))
        {
            return;
        }

        var known = new OnnxFoldCall(node, [.. inputs.Select(input => input?.Constant)], opset);
        try
        {
            if (OnnxFolding.Knows(node) && inputs.All(input => input?.Activation is null))
            {
                OnnxConstant[] made = OnnxFolding.Fold(node, known.Inputs, known.Opset);
                CountMade(node, made);
                for (int i = 0; i < Math.Min(made.Length, node.Outputs.Count); i++)
                {
                    Set(node.Outputs[i], new OnnxValue(null, made[i]));
                }
            }
            else if (IsEnding(node))
            {
                Ending = node.Operator;
                Set(node.Outputs[0], inputs[0]!);
            }
            else if (OnnxOperators.Find(node) is { } take)
            {
                take(new OnnxCall(this, known, [.. inputs.Select(input => input?.Activation)]));
            }
            else
            {
                _problems.Add($"{node.Label} (opset {known.Opset}): there is no such operator here");
            }
        }
        catch (Exception e) when (e is GpuCamException or OverflowException)
        {
            string said = e is OverflowException ? "is too large" : e.Message;
            said = said.StartsWith($"{file.Name}: ", StringComparison.Ordinal) ? said[(file.Name.Length + 2)..] : said;
            _problems.Add(said.StartsWith(node.Label, StringComparison.Ordinal) ? said : $"{node.Label}: {said}");
        }
    }

    /// <summary>Nodes are small in a file and what they make is not: all of it together is bounded, as each of it is.</summary>
    private void CountMade(OnnxNode node, OnnxConstant[] made)
    {
        // Tensors of the file keep their names, however they are seen, and take no memory; those without a name are as long as the file.
        _made += made.Where(constant => constant.Name.Length == 0).Sum(constant => constant.Count);
        long most = (4L * OnnxConstant.MostMade) + (4 * file.Length);
        if (_made > most)
        {
            throw node.Error($"has more than {most} numbers made at load with those before: export the model with its weights computed");
        }
    }

    /// <summary>Whether a node only makes probabilities of the scores that are the first output.</summary>
    private bool IsEnding(OnnxNode node) => !options.KeepsEnding && node.Operator is "Softmax" or "LogSoftmax" or "Sigmoid"
        && node is { Domain: "", Inputs: [var scores, ..], Outputs: [var made, ..] } && made == _scores
        && _values.GetValueOrDefault(scores)?.Activation is { Rank: > 0 } x && x.Extents.Count(extent => extent > 1) <= 2;

    /// <summary>Finds the outputs, and what the first of them only shows in another form.</summary>
    private void CheckOutputs(OnnxGraph graph)
    {
        var makers = graph.Nodes.SelectMany(node => node.Outputs.Select(output => (output, node)))
            .Where(pair => pair.output.Length > 0).ToDictionary(pair => pair.output, pair => pair.node, StringComparer.Ordinal);
        if (_outputs.FirstOrDefault(output => !makers.ContainsKey(output)) is { } missing)
        {
            throw new GpuCamException($"{file.Name}: no node makes {OnnxText.Quote(missing)}: choose one of the outputs "
                + NameList.Of(graph.Outputs.Select(output => output.Name)));
        }

        _scores = _outputs.Count > 0 ? _outputs[0] : throw new GpuCamException($"{file.Name}: no outputs are asked for: name one");
        while (makers.TryGetValue(_scores, out OnnxNode? maker) && maker.Inputs.Count > 0
            && maker.Operator is "Identity" or "Cast" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Dropout")
        {
            _scores = maker.Inputs[0];
        }
    }

    private Value? Output(string output)
    {
        if (_values[output].Activation is not { } activation)
        {
            if (_problems.Count == 0)
            {
                _problems.Add($"the output {OnnxText.Quote(output)} does not depend on the image");
            }

            return null;
        }

        // The last node as it is: an output lies as ONNX sees it, pictures channels last.
        var node = new OnnxNode(file.Name, -1) { Operator = "output", Outputs = [output] };
        try
        {
            OutputLayouts.Add(OnnxLayout.Usual(activation.Rank, Batch));
            return new OnnxCall(this, new OnnxFoldCall(node, [], 0), []).Arrange(activation, OutputLayouts[^1]);
        }
        catch (GpuCamException e)
        {
            _problems.Add($"the output {OnnxText.Quote(output)}: {e.Message}");
            return null;
        }
    }

    private string Explain()
    {
        const int Most = 20;
        string some = string.Join("; ", _problems.Take(Most)).Replace($"{OnnxView.Batch}", "N", StringComparison.Ordinal);
        string more = _problems.Count > Most ? $"; and {_problems.Count - Most} more" : "";
        return $"{file.Name}: this network cannot be run: {some}{more}";
    }
}
