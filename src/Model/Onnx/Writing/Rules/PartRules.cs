namespace GpuCam.Model;

/// <summary>Parts of values, and values one behind the other.</summary>
internal static class PartRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
        [ForwardRules.For<ConcatNode>(Join), ForwardRules.For<SliceNode>(Cut)];

    private static void Join(ForwardExport export, ConcatNode node)
    {
        OnnxForm form = node.Inputs.Select(export.FormOf).Distinct() is var forms && forms.Count() == 1 ? forms.First() : OnnxForm.Picture;
        form = form.Place(node.Along) < 0 ? OnnxForm.Picture : form;
        export.Make(node.Output, form, "Concat", [.. node.Inputs.Select(input => export.In(input, form))],
            ("axis", (long)form.Place(node.Along)));
    }

    private static void Cut(ForwardExport export, SliceNode node)
    {
        OnnxForm form = export.FormOf(node.Inputs[0]);
        form = form.Place(node.Along) < 0 ? OnnxForm.Picture : form;
        (int start, int count, int step) = node.Range;
        ExportedNumbers numbers = export.Numbers;
        export.Make(node.Output, form, "Slice",
        [
            export.In(node.Inputs[0], form), numbers.Longs(start), numbers.Longs(start + ((count - 1L) * step) + 1),
            numbers.Longs(form.Place(node.Along)), numbers.Longs(step),
        ]);
    }
}
