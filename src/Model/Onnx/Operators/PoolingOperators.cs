namespace GpuCam.Model;

/// <summary>Windows of which the mean or the largest is taken.</summary>
internal static class PoolingOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("MaxPool", call => Pool(call, (x, rule) => new MaxPool2DNode(x, rule))),
        ("AveragePool", Average),
        ("GlobalAveragePool", call => Global(call, x => new GlobalAveragePoolNode(x))),
        ("GlobalMaxPool", call => Global(call, x => new GlobalMaxPoolNode(x))),
    ];

    private static void Average(OnnxCall call)
    {
        bool counts = call.Node.Int("count_include_pad", 0) == 1;
        Pool(call, (x, rule) =>
            // A window as large as the image is what global pooling is, and then images may have any size.
            rule.KH == x.Shape.H && rule.KW == x.Shape.W && rule.PadsOf(x.Shape) == default
                ? new GlobalAveragePoolNode(x)
                : new AveragePool2DNode(x, rule, counts));
    }

    private static void Pool(OnnxCall call, Func<Value, WindowRule, Node> make)
    {
        (Value x, OnnxLayout layout) = call.Picture();
        if (call.IsMoreRead)
        {
            throw call.Node.Error("gives the places of its maxima too, which is not run: export the model without them");
        }

        int axes = call[0].Rank - 2;
        WindowRule rule = ConvolutionOperators.Rule(
            call, axes, call.Node.Ints("kernel_shape") ?? throw call.Node.Error("has no kernel_shape: export the model again"));
        if (rule is { KH: 1, KW: 1, StrideH: 1, StrideW: 1 } && rule.PadsOf(x.Shape) == default)
        {
            call.Return(call[0]);
            return;
        }

        Value y = call.Add(make(x, rule));
        call.Return(y, ConvolutionOperators.Extents(call[0], y), layout);
    }

    private static void Global(OnnxCall call, Func<Value, Node> make)
    {
        (Value x, OnnxLayout layout) = call.Picture();
        Value y = call.Add(make(x));
        call.Return(y, ConvolutionOperators.Extents(call[0], y), layout);
    }
}
