namespace GpuCam.Model;

/// <summary>Maps by gradients behind a network: the formulas of <see cref="WeightedCam"/>'s methods as operators of ONNX.</summary>
internal sealed class GradientMaps(ForwardExport forward)
{
    private readonly GradientExport _gradients = new(forward);

    /// <summary>Throws a <see cref="GpuCamException"/> unless a method that can be written can map a value.</summary>
    public static void Check(Execution execution, string method, string value)
    {
        using var engine = new CamEngine(execution);
        engine.Check(CamMethods.Create(method), [value]);
        if (!OnnxExportOptions.GradientMethods.Contains(method))
        {
            throw new GpuCamException(
                $"method {method} is none that a file can hold: give {string.Join(", ", OnnxExportOptions.GradientMethods)}");
        }
    }

    /// <summary>
    /// Adds the map to the file, raw as <see cref="CamEngine.Map(ICamMethod, string, ReadOnlySpan{int})"/> gives it or as it is drawn.
    /// </summary>
    /// <param name="outputs">How maps leave the file.</param>
    /// <param name="method">One of <see cref="OnnxExportOptions.GradientMethods"/>, which the map is called after.</param>
    /// <param name="value">What is mapped.</param>
    /// <param name="classes">Name of the classes to explain, int64 [N, k], of which the first counts; null for the predicted one.</param>
    public void Write(MapOutputs outputs, string method, Value value, string? classes) => outputs.Give(
        method, _ => Map(method, value, classes), (value.Shape.H, value.Shape.W), 1L, CamMethods.Create(method).Rectifies);

    private string Map(string method, Value value, string? classes)
    {
        OnnxTerms terms = new(forward, method);
        string gradient = _gradients.To(value, Direction(terms, classes)), features = forward.NameOf(value);
        string map = terms.Sum(terms.Mul(features, Weights(terms, method, features, gradient)), 1);
        return method == "layercam" && LayerCam.IsShallow(forward.Graph, value.Name) ? Lifted(terms, map) : map;
    }

    /// <summary>The gradient of a class's score with respect to the logits, as <see cref="ClassScore"/> has it, [N, logits].</summary>
    private string Direction(OnnxTerms terms, string? classes)
    {
        string logits = forward.In(forward.Graph.Output, OnnxForm.Rows);
        long count = forward.Graph.Output.Shape.C;
        string? first = classes is null ? null : terms.Slice(classes, 1, 0, 1);
        if (count == 1)
        {
            // Class 1 has the logit y, class 0 has -y.
            string second = terms.ToFloat(first ?? terms.Greater(logits, 0));
            return terms.Add(terms.Mul(second, 2), -1);
        }

        return terms.ToFloat(terms.Op(
            "Equal", first ?? terms.Op("ArgMax", [logits], ("axis", 1L), ("keepdims", 1L)), terms.Count(1, count)));
    }

    private static string Weights(OnnxTerms terms, string method, string features, string gradient)
    {
        switch (method)
        {
            case "gradcam":
                return terms.Op("GlobalAveragePool", gradient);
            case "hirescam":
                return gradient;
            case "layercam":
                return terms.Op("Relu", gradient);
            default:
                // g / (2 + g * s), g above 0 and s the sum of the features; 0 where the divisor is.
                string positive = terms.Op("Relu", gradient);
                string divisor = terms.Add(terms.Mul(positive, terms.Sum(features, 2, 3)), 2);
                string none = terms.Op("Equal", divisor, terms.Number(0));
                return terms.Sum(terms.Where(none, terms.Number(0), terms.Div(positive, divisor)), 2, 3);
        }
    }

    /// <summary>tanh(2 * x / max), where the largest is above 0 (<see cref="Kernels.Ops.TanhScale"/>).</summary>
    private static string Lifted(OnnxTerms terms, string map)
    {
        string largest = terms.Op("GlobalMaxPool", map);
        string lifted = terms.Op("Tanh", terms.Div(terms.Mul(map, 2), largest));
        return terms.Where(terms.Greater(largest, 0), lifted, map);
    }
}
