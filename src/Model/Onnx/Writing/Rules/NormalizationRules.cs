using GpuCam.Kernels;

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
        // ONNX divides alpha by the size too. Runtimes do not agree on even sizes, or refuse them.
        (int size, float alpha, float beta, float bias) = node.Settings;
        if (size % 2 == 0)
        {
            ResponseInParts(export, node);
            return;
        }

        export.Make(node.Output, OnnxForm.Picture, "LRN", [export.NameOf(node.Inputs[0])],
            ("size", (long)size), ("alpha", alpha), ("beta", beta), ("bias", bias));
    }

    private static void ResponseInParts(ForwardExport export, LocalResponseNormalizationNode node)
    {
        (int size, float alpha, float beta, float bias) = node.Settings;
        ExportedNumbers numbers = export.Numbers;
        string x = export.NameOf(node.Inputs[0]);
        string sums = export.ChannelSums(Step("squares", "Mul", x, x), node.Inputs[0].Shape, (size - 1) / 2, size / 2);
        string divisor = Step("divisor", "Add", Step("scaled", "Mul", sums, numbers.Number(alpha / size)), numbers.Number(bias));
        export.Make(node.Output, OnnxForm.Picture, "Mul", [x, Step("factor", "Pow", divisor, numbers.Number(-beta))]);

        string Step(string name, string op, params string[] inputs) => export.Step(node.Output, name, op, inputs);
    }
}

/// <summary>Sums along the channels.</summary>
internal static class ChannelWindows
{
    /// <summary>
    /// The sum of each channel and its neighbours, so many before and behind, [N, C, H, W]: a convolution with ones of an image whose rows
    /// are the channels.
    /// </summary>
    public static string ChannelSums(this ForwardExport export, string values, Shape shape, int before, int behind)
    {
        OnnxWriter writer = export.Writer;
        (before, behind) = (Math.Min(before, shape.C), Math.Min(behind, shape.C));
        int reach = before + 1 + behind;
        float[] window = new float[reach];
        Array.Fill(window, 1);
        string ones = writer.Floats(writer.Fresh($"{values}/window"), window, 1, 1, reach, 1);
        string rows = writer.Add("Reshape", writer.Fresh($"{values}/rows"), [values, export.Numbers.Longs(-1, 1, shape.C, shape.Area)]);
        string sums = writer.Add("Conv", writer.Fresh($"{values}/sums"), [rows, ones], ("pads", new long[] { before, 0, behind, 0 }));
        return writer.Add(
            "Reshape", writer.Fresh($"{values}/summed"), [sums, export.Numbers.Longs(-1, shape.C, shape.H, shape.W)]);
    }
}
