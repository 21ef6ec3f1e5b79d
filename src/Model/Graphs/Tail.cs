namespace GpuCam.Model;

/// <summary>
/// What a classifier does with its last feature maps, <c>global pooling → [linear layer]</c>, found in its graph. Class activation maps
/// (arXiv 1512.04150) are exact where the pooling is a mean: the map of class c is <c>sum_k weight[k, c] A_k</c>, or, without a linear
/// layer, channel c itself.
/// </summary>
/// <param name="Features">The value that is pooled.</param>
/// <param name="Pooling">How.</param>
/// <param name="Classifier">Weight of what follows, [K, classes] or as a 1x1 convolution [1, 1, K, classes]; null where the pooled channels
/// are the logits.</param>
public sealed record Tail(Value Features, GlobalPooling Pooling, GraphParameter? Classifier)
{
    /// <summary>The tail of the first output; null where it ends otherwise.</summary>
    public static Tail? Find(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Node? node = graph.Output.Producer;
        GraphParameter? weight = null;
        if (node is LinearNode { Inputs: [{ Shape: { N: 1, H: 1, W: 1 } }] } linear)
        {
            (weight, node) = (linear.Weight, linear.Inputs[0].Producer);
        }
        else if (node is Conv2DNode { Groups: 1, Rule: { KH: 1, KW: 1 }, Inputs: [{ Shape: { H: 1, W: 1 } }] } convolution)
        {
            (weight, node) = (convolution.Weight, convolution.Inputs[0].Producer);
        }

        while (node is DropoutNode)
        {
            node = node.Inputs[0].Producer;     // outside of training it does nothing
        }

        return node switch
        {
            GlobalAveragePoolNode average => new Tail(average.Inputs[0], GlobalPooling.Average, weight),
            GlobalMaxPoolNode maximum => new Tail(maximum.Inputs[0], GlobalPooling.Max, weight),
            _ => null,
        };
    }
}
