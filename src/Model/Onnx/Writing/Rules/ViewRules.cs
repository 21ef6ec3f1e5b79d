namespace GpuCam.Model;

/// <summary>What moves numbers, or nothing.</summary>
internal static class ViewRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
    [
        ForwardRules.For<DropoutNode>((export, node) => Pass(export, node)),
        ForwardRules.For<ReshapeNode>((export, node) => Turn(export, node, null, [])),
        ForwardRules.For<PermuteNode>((export, node) => Turn(export, node, node.Extents, node.Order)),
    ];

    /// <summary>Outside of training dropout does nothing: it is not written.</summary>
    private static void Pass(ForwardExport export, DropoutNode node)
    {
        OnnxForm form = export.FormOf(node.Inputs[0]);
        export.Set(node.Output, form, export.In(node.Inputs[0], form));
    }

    /// <summary>
    /// Sees the input as an array of some extents, transposed, under the output's extents: in the form that takes the fewest operators.
    /// </summary>
    private static void Turn(ForwardExport export, Node node, IReadOnlyList<int>? inner, IReadOnlyList<int> order)
    {
        (Value x, Value y) = (node.Inputs[0], node.Output);
        OnnxForm from = export.FormOf(x);
        OnnxForm form = y.Shape.Area == 1 ? OnnxForm.Rows : y.Shape.H > 1 || inner is not null ? OnnxForm.Picture : OnnxForm.Last;
        string name = export.Claim(y, form);
        if (Seen(export.SeenFrom(x, from)) is { } view)
        {
            export.Set(y, form, export.Move(export.In(x, from), from.Extents(export.ExtentsOf(x)), ForwardExport.InForm(view, form), name));
            return;
        }

        // Extents that do not go into each other: step by step, from memory as it is here.
        OnnxWriter writer = export.Writer;
        string last = export.In(x, OnnxForm.Last);
        OnnxView turned = Turned(export.SeenFrom(x, OnnxForm.Last))!;
        string moved = export.Move(last, export.ExtentsOf(x), turned, writer.Fresh($"{y.Name}/turned"));
        OnnxView dense = OnnxView.Dense(turned.Extents).Reshape(export.ExtentsOf(y))!;
        export.Set(y, form, export.Move(moved, turned.Extents, ForwardExport.InForm(dense, form), name));

        OnnxView? Seen(OnnxView seen) => Turned(seen)?.Reshape(export.ExtentsOf(y));

        OnnxView? Turned(OnnxView seen)
        {
            if (inner is null)
            {
                return seen;
            }

            long[] rest = [.. inner.Select(extent => (long)extent)];
            return seen.Reshape([seen.Count / rest.Aggregate(1L, (product, extent) => product * extent), .. rest])?.Transpose(order);
        }
    }
}
