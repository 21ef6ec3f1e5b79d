namespace GpuCam.Model;

/// <summary>Which pixels of a layer's input, or of the image, a cell of its output depends on; the same along both axes.</summary>
/// <param name="Size">Pixels a side.</param>
/// <param name="Stride">Pixels from one cell to the next.</param>
/// <param name="Start">First pixel of cell 0; negative where padding belongs to it.</param>
public readonly record struct ReceptiveField(int Size, int Stride, int Start)
{
    /// <summary>A cell that is a pixel.</summary>
    public static ReceptiveField Pixel { get; } = new(1, 1, 0);

    /// <summary>The field of the cells of <paramref name="layer"/> in the image, by the widest way to it.</summary>
    public static ReceptiveField Of(Graph graph, string layer)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Value last = graph.Value(layer);
        var fields = new Dictionary<Value, ReceptiveField> { [graph.Input] = Pixel };
        foreach (Node node in graph.Nodes)
        {
            ReceptiveField[] before = [.. node.Inputs.Where(fields.ContainsKey).Select(input => fields[input])];
            if (before.Length > 0)
            {
                fields[node.Output] = before.MaxBy(field => field.Size).Then(node.Window);
            }
        }

        return fields[last];
    }

    /// <summary>The field of a cell behind another layer: its window spans cells of this one.</summary>
    public ReceptiveField Then(ReceptiveField window) =>
        new(Size + ((window.Size - 1) * Stride), Stride * window.Stride, Start + (window.Start * Stride));

    /// <summary>The pixels of cell (<paramref name="x"/>, <paramref name="y"/>); those outside the image are padding.</summary>
    public Box At(int x, int y)
    {
        (int left, int top) = (Start + (x * Stride), Start + (y * Stride));
        return new Box(left, top, left + Size - 1, top + Size - 1);
    }
}
