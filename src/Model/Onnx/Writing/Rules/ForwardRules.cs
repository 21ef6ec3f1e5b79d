namespace GpuCam.Model;

/// <summary>Writes a node as those of ONNX.</summary>
internal delegate void ForwardRule(ForwardExport export, Node node);

/// <summary>The rules by which nodes are written: one entry for each kind, beside its neighbours in the file of its family.</summary>
internal static class ForwardRules
{
    private static readonly Dictionary<Type, ForwardRule> s_entries = new[]
    {
        ProductRules.All, PoolingRules.All, NormalizationRules.All, FunctionRules.All, ArithmeticRules.All, PartRules.All, ViewRules.All,
        ReductionRules.All, ImageRules.All,
    }.SelectMany(family => family).ToDictionary(entry => entry.Kind, entry => entry.Write);

    /// <summary>The rule for a node.</summary>
    public static ForwardRule Of(Node node) => s_entries[node.GetType()];

    /// <summary>Whether there is a rule for a kind of node.</summary>
    public static bool Has(Type kind) => s_entries.ContainsKey(kind);

    /// <summary>An entry.</summary>
    public static (Type Kind, ForwardRule Write) For<TNode>(Action<ForwardExport, TNode> write)
        where TNode : Node => (typeof(TNode), (export, node) => write(export, (TNode)node));
}
