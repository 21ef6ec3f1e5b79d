namespace GpuCam.Model;

/// <summary>
/// Computes at load what does not depend on the image: the arithmetic on shapes that exporters leave in a model, and weights that are
/// transposed, reshaped or quantised. One entry for each operator; those of a family are in one file.
/// </summary>
internal static class OnnxFolding
{
    private static readonly Dictionary<string, Func<OnnxFoldCall, OnnxConstant[]>> s_entries = new(StringComparer.Ordinal);

    static OnnxFolding()
    {
        foreach ((string name, Func<OnnxFoldCall, OnnxConstant> fold) in
            FoldSources.All.Concat(FoldArithmetic.All).Concat(FoldViews.All).Concat(FoldSelections.All).Concat(FoldReductions.All))
        {
            s_entries.Add(name, call => [fold(call)]);
        }

        s_entries.Add("Split", FoldSelections.Split);
        s_entries.Add("Dropout", FoldSources.Dropout);
    }

    /// <summary>Whether this operator is computed at load.</summary>
    public static bool Knows(OnnxNode node) => node.Domain.Length == 0 && s_entries.ContainsKey(node.Operator);

    /// <summary>What the node makes of inputs that are all known.</summary>
    /// <exception cref="GpuCamException">It asks for what its inputs do not have.</exception>
    public static OnnxConstant[] Fold(OnnxNode node, IReadOnlyList<OnnxConstant?> inputs, long opset) =>
        s_entries[node.Operator](new OnnxFoldCall(node, inputs, opset));
}
