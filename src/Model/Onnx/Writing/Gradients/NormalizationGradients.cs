namespace GpuCam.Model;

/// <summary>Gradients through normalisations, written out.</summary>
internal static class NormalizationGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
    [
        GradientRules.Of<BatchNormalizationNode>(Batch),
        GradientRules.Of<LayerNormalizationNode>(Layer),
        GradientRules.Of<LocalResponseNormalizationNode>(Response),
        GradientRules.Of<SoftmaxNode>(Softmax),
    ];

    /// <summary>As the network was trained: by the statistics that are in the file.</summary>
    private static string Batch(GradientCall call, BatchNormalizationNode node)
    {
        float[] scale = call.Numbers.Of(node.Parameters[0]), variance = call.Numbers.Of(node.Parameters[3]);
        float[] factors = [.. scale.Select((value, c) => value / MathF.Sqrt(variance[c] + node.Epsilon))];
        return call.Mul(call.DY, call.Constant("factors", factors, 1, factors.Length, 1, 1));
    }

    /// <summary><c>r * (g - mean(g) - z * mean(g * z))</c>, <c>g = dy * scale</c>, z what the scale was multiplied with.</summary>
    private static string Layer(GradientCall call, LayerNormalizationNode node)
    {
        int channels = call.XShape().C;
        string distance = call.Sub(call.X(), Mean(call.X()));
        string deviation = call.Op("Sqrt", call.Add(Mean(call.Mul(distance, distance)), node.Epsilon));
        string z = call.Div(distance, deviation);
        string g = call.Mul(call.DY, call.Numbers.Operand(node.Parameters[0], OnnxForm.Picture));
        return call.Div(call.Sub(call.Sub(g, Mean(g)), call.Mul(z, Mean(call.Mul(g, z)))), deviation);

        string Mean(string x) => call.Div(call.Sum(x, 1), channels);
    }

    /// <summary>
    /// <c>dy * s^-beta - 2 * alpha * beta / size * x * window(dy * y / s)</c>; the window is turned round where it is uneven.
    /// </summary>
    private static string Response(GradientCall call, LocalResponseNormalizationNode node)
    {
        (int size, float alpha, float beta, float bias) = node.Settings;
        int below = (size - 1) / 2, above = size / 2;
        alpha /= size;
        string s = call.Add(call.Mul(call.ChannelSums(call.Mul(call.X(), call.X()), below, above), alpha), bias);
        string own = call.Mul(call.DY, call.Op("Pow", s, call.Number(-beta)));
        string others = call.Mul(call.X(), call.ChannelSums(call.Div(call.Mul(call.DY, call.Y), s), above, below));
        return call.Sub(own, call.Mul(others, 2 * alpha * beta));
    }

    private static string Softmax(GradientCall call, SoftmaxNode node) => node.IsLog
        ? call.Sub(call.DY, call.Mul(call.Op("Exp", call.Y), call.Sum(call.DY, 1)))
        : call.Mul(call.Y, call.Sub(call.DY, call.Sum(call.Mul(call.DY, call.Y), 1)));
}
