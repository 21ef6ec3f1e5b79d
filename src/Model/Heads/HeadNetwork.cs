using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Networks whose last linear layer is replaced by another: all that lies before stays as it is.</summary>
public static class HeadNetwork
{
    /// <summary>What the new layer is called, unless a value of the network is.</summary>
    public const string LayerName = "classifier";

    /// <summary>
    /// The features that a new linear layer reads: what the network's own last linear layer reads, else, for a network that ends in a
    /// vector of features, its output. Behind a global pooling, maps of the new layer are exact (<see cref="Tail"/>).
    /// </summary>
    /// <exception cref="GpuCamException">The network ends otherwise.</exception>
    public static Value FeaturesOf(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Graph graph = network.Graph;
        Value features =
            graph.Output.Producer is LinearNode or Conv2DNode { Groups: 1, Rule: { KH: 1, KW: 1 }, Inputs: [{ Shape.Area: 1 }] }
                ? graph.Output.Producer.Inputs[0]
                : graph.Output;
        return features.Shape is { N: 1, H: 1, W: 1 } && features.Producer is not null
            ? features
            : throw new GpuCamException($"the network ends in {network.Ending}, and not in a vector of features or a linear layer on one: "
                + "give one with a global pooling at its end");
    }

    /// <summary>
    /// The network as far as a vector of features, and a linear layer on it. It has the nodes of <paramref name="body"/>, whose graph is
    /// spent.
    /// </summary>
    /// <param name="body">A network; what is known of its pictures stays known.</param>
    /// <param name="features">A value of it, as <see cref="FeaturesOf"/> gives it.</param>
    /// <param name="classNames">The classes of the layer.</param>
    /// <param name="head">The layer; it must have as many features.</param>
    public static Network Attach(Network body, Value features, IReadOnlyList<string> classNames, HeadWeights head)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentOutOfRangeException.ThrowIfNotEqual(head.Features, features.Shape.C);
        var builder = new GraphBuilder(body.Graph, features);
        string name = LayerName;
        while (builder.Has(name))
        {
            name = $"head.{name}";
        }

        var weight = new GraphParameter(
            $"{name}.weight", ParameterKind.LinearWeight, Shape.Matrix(head.Features, head.Classes), ParameterData.Of(head.Transposed()));
        var bias = new GraphParameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(head.Classes), ParameterData.Of(head.Bias));
        Value logits = builder.Add(name, new LinearNode(features, weight, bias));
        return new Network(builder.Build(logits), classNames) { Preprocessing = body.Preprocessing };
    }

    /// <summary>Overwrites the last layer of a network that <see cref="Attach"/> made.</summary>
    public static void SetHead(Execution network, HeadWeights head)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(head);
        var layer = (LinearNode)network.Graph.Output.Producer!;
        network.ParameterOf(layer.Parameters[0]).Value.CopyFrom(head.Transposed());
        network.ParameterOf(layer.Parameters[1]).Value.CopyFrom(head.Bias);
    }

    /// <summary>
    /// Copies the values of all parameters that two networks share, for a body whose numbers are nowhere but in its execution's memory.
    /// </summary>
    public static void CopyShared(Execution from, Execution to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        foreach (GraphParameter parameter in from.Graph.Parameters.Intersect(to.Graph.Parameters, ReferenceEqualityComparer.Instance)
            .Cast<GraphParameter>())
        {
            to.ParameterOf(parameter).Value.CopyFrom(from.ParameterOf(parameter).Value.ToArray());
        }
    }

    /// <summary>
    /// Makes a network one that never learned anything: weights of convolutions and linear layers by <see cref="HeInitialization"/>,
    /// their biases 0, and batch normalisations that leave things as they are.
    /// </summary>
    public static void Unlearn(Execution network, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (Node node in network.Graph.Nodes)
        {
            // Of a batch normalisation: scale, bias, mean, variance.
            float[]? constants = node switch
            {
                Conv2DNode or LinearNode => [float.NaN, 0],
                BatchNormalizationNode => [1, 0, 0, 1],
                _ => null,
            };
            for (int i = 0; constants is not null && i < node.Parameters.Count; i++)
            {
                GraphParameter parameter = node.Parameters[i];
                float[] values = new float[parameter.Shape.Count];
                Array.Fill(values, constants[i]);
                network.ParameterOf(parameter).Value.CopyFrom(
                    float.IsNaN(constants[i]) ? HeInitialization.Weights(parameter.Name, parameter.Shape, seed) : values);
            }
        }
    }
}
