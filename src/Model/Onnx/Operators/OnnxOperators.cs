namespace GpuCam.Model;

/// <summary>Makes nodes of a graph out of one of ONNX.</summary>
internal delegate void OnnxOperator(OnnxCall call);

/// <summary>The operators that run: one entry for each, beside its neighbours in the file of its family.</summary>
internal static class OnnxOperators
{
    private static readonly Dictionary<string, OnnxOperator> s_entries = new[]
    {
        ConvolutionOperators.All, PoolingOperators.All, NormalizationOperators.All, FunctionOperators.All, ArithmeticOperators.All,
        ProductOperators.All, ViewOperators.All, PartOperators.All, ReductionOperators.All, ImageOperators.All,
    }.SelectMany(family => family).ToDictionary(entry => entry.Name, entry => entry.Take, StringComparer.Ordinal);

    /// <summary>The entry for a node; null for an operator that is not run.</summary>
    public static OnnxOperator? Find(OnnxNode node) =>
        node.Domain.Length == 0 ? s_entries.GetValueOrDefault(node.Operator) : null;
}
