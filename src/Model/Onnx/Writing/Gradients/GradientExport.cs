using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Writes the backward pass behind a forward pass: gradients with respect to any value as ordinary operators of ONNX. They are those of
/// <see cref="Execution.BackwardTo"/>: ties, edges and slopes at 0 fall alike, and a value that several nodes read gets their parts in
/// the same order. A kind of node has one rule (<c>Gradients/*Gradients.cs</c>); only nodes between the value and the output are written.
/// </summary>
internal sealed class GradientExport(ForwardExport forward)
{
    private static readonly Dictionary<Type, GradientRule> s_rules = new[]
    {
        ProductGradients.All, PoolingGradients.All, FunctionGradients.All, ArithmeticGradients.All, NormalizationGradients.All,
        ViewGradients.All, ImageGradients.All, ReductionGradients.All,
    }.SelectMany(family => family).ToDictionary(entry => entry.Kind, entry => entry.Rule);

    /// <summary>The gradient of a value, [N, C, H, W].</summary>
    /// <param name="value">Any value that leads to the output.</param>
    /// <param name="dLogits">Name of the gradient of the logits, [N, classes].</param>
    /// <exception cref="GpuCamException">The output does not depend on the value, or a node on the way has no rule.</exception>
    public string To(Value value, string dLogits)
    {
        Graph graph = forward.Graph;
        if (!graph.LeadTo(graph.Output)[value.Index])
        {
            throw new GpuCamException($"'{value.Name}' does not lead to the output '{graph.Output.Name}': choose another layer or output");
        }

        bool[] behind = graph.DependOn([value]);
        string?[] gradients = new string?[graph.Values.Count];
        Shape logits = graph.Output.Shape;
        gradients[graph.Output.Index] = new OnnxTerms(forward, "gradient").Reshape(dLogits, -1, logits.C, logits.H, logits.W);
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (gradients[node.Output.Index] is { } dy)
            {
                Send(node, dy, behind, gradients);
            }
        }

        return gradients[value.Index]!;
    }

    private void Send(Node node, string dy, bool[] behind, string?[] gradients)
    {
        var call = new GradientCall(forward, node, dy);
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            int input = node.Inputs[i].Index;
            if (behind[input])
            {
                GradientRule rule = s_rules.GetValueOrDefault(node.GetType()) ?? throw call.Error("has no rule for it");
                string part = rule(call, node, i);
                gradients[input] = gradients[input] is { } sum ? call.Add(sum, part) : part;
            }
        }
    }
}

/// <summary>Entries of the table of rules.</summary>
internal static class GradientRules
{
    /// <summary>The rule of a kind of node.</summary>
    public static (Type Kind, GradientRule Rule) Of<TNode>(Func<GradientCall, TNode, int, string> rule)
        where TNode : Node => (typeof(TNode), (call, node, input) => rule(call, (TNode)node, input));

    /// <summary>The rule of a kind of node that has one input.</summary>
    public static (Type Kind, GradientRule Rule) Of<TNode>(Func<GradientCall, TNode, string> rule)
        where TNode : Node => (typeof(TNode), (call, node, _) => rule(call, (TNode)node));
}
