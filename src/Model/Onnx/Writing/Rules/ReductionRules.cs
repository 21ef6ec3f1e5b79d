using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Many elements made one, and softmax, which looks at many.</summary>
internal static class ReductionRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
        [ForwardRules.For<ReduceNode>(Reduce), ForwardRules.For<SoftmaxNode>(Softmax)];

    private static void Reduce(ForwardExport export, ReduceNode node)
    {
        Value x = node.Inputs[0];
        OnnxForm form = export.FormOf(x) == OnnxForm.Rows ? OnnxForm.Picture : export.FormOf(x);
        long[] axes = [.. node.Axes.Select(axis => (long)form.Place(axis)).Order()];
        string tensor = export.In(x, form), y = export.Claim(node.Output, form);
        export.Set(node.Output, form, node.Function switch
        {
            ReduceFunction.Mean => export.Reduce("ReduceMean", y, tensor, axes),
            ReduceFunction.Sum => export.Reduce("ReduceSum", y, tensor, axes),
            ReduceFunction.Maximum => export.Reduce("ReduceMax", y, tensor, axes),
            ReduceFunction.Minimum => export.Reduce("ReduceMin", y, tensor, axes),
            ReduceFunction.L1 => export.Reduce("ReduceSum", y, export.Step(node.Output, "sizes", "Abs", [tensor]), axes),
            _ => export.Reduce("ReduceL2", y, tensor, axes),
        });
    }

    private static void Softmax(ForwardExport export, SoftmaxNode node)
    {
        Value x = node.Inputs[0];
        OnnxForm form = export.FormOf(x);
        export.Make(node.Output, form, node.IsLog ? "LogSoftmax" : "Softmax", [export.In(x, form)],
            ("axis", (long)form.Place(Axis.C)));
    }
}
