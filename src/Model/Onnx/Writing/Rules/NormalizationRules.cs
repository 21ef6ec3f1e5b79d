namespace GpuCam.Model;

/// <summary>Normalisations.</summary>
internal static class NormalizationRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
    [
        ForwardRules.For<BatchNormalizationNode>(Batch),
        ForwardRules.For<LayerNormalizationNode>(Layer),
        ForwardRules.For<LocalResponseNormalizationNode>(LocalResponse),
    ];

    private static void Batch(ForwardExport export, BatchNormalizationNode node)
    {
        Value x = node.Inputs[0];
        OnnxForm form = x.Shape.Area == 1 && export.FormOf(x) == OnnxForm.Rows ? OnnxForm.Rows : OnnxForm.Picture;
        export.Make(node.Output, form, "BatchNormalization",
            [export.In(x, form), .. node.Parameters.Select(export.Numbers.Vector)], ("epsilon", node.Epsilon));
    }

    private static void Layer(ForwardExport export, LayerNormalizationNode node)
    {
        Value x = node.Inputs[0];
        OnnxForm form = x.Shape.Area == 1 ? OnnxForm.Rows : OnnxForm.Last;
        ExportedNumbers numbers = export.Numbers;
        string tensor = export.In(x, form);
        export.Set(node.Output, form, export.NormalizeLayer(export.Claim(node.Output, form), tensor, numbers.Vector(node.Parameters[0]),
            node.HasBias ? numbers.Vector(node.Parameters[1]) : null, node.Epsilon));
    }

    private static void LocalResponse(ForwardExport export, LocalResponseNormalizationNode node)
    {
        // ONNX divides alpha by the size too.
        (int size, float alpha, float beta, float bias) = node.Settings;
        export.Make(node.Output, OnnxForm.Picture, "LRN", [export.NameOf(node.Inputs[0])],
            ("size", (long)size), ("alpha", alpha), ("beta", beta), ("bias", bias));
    }
}
