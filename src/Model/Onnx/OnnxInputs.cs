namespace GpuCam.Model;

/// <summary>Makes the graph's inputs: which axes hold the channels, and how large an image is.</summary>
internal sealed class OnnxInputs(OnnxFile file, OnnxImportOptions options, long batch)
{
    /// <summary>Adds an input and says how ONNX sees it: the first axis as the images, pictures channels last in memory.</summary>
    /// <exception cref="GpuCamException">It is no tensor, or nobody says how large it is.</exception>
    public (OnnxActivation Image, OnnxLayout Layout) Add(GraphBuilder builder, OnnxValueInfo input)
    {
        if (input.Extents is not { } said || !(input.Type.IsReal || input.Type.IsInteger))
        {
            throw new GpuCamException(
                $"{file.Name}: the input {input.Label} is no tensor of numbers of a known shape: export the model again");
        }

        bool last = said.Count == 4 && IsChannelsLast(input.Name, said);
        long[] extents = [.. said.Select((extent, axis) => Extent(input, said, axis, last))];
        OnnxLayout layout = last ? new([0], [1], [2], [3])
            : said.Count == 0
                ? throw new GpuCamException($"{file.Name}: the input {input.Label} has no axis of images: export the model again")
            : OnnxLayout.Usual(said.Count, batch);
        try
        {
            Value value = builder.Input(input.Name, layout.ShapeOf(extents, batch));
            return (new OnnxActivation(value, OnnxView.Dense(extents, layout.Order)), layout);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{file.Name}: the input {input.Label}: {e.Message}: give an image size", e);
        }
    }

    private long Extent(OnnxValueInfo input, IReadOnlyList<OnnxExtent> said, int axis, bool last)
    {
        if (axis == 0)
        {
            return batch > 1 ? batch : said[0].Value ?? 1;
        }

        int row = last ? 1 : 2;
        return said.Count == 4 && axis >= row && axis <= row + 1 && options.Size is { } size
            ? axis == row ? size.Height : size.Width
            : said[axis].Value ?? (said.Count == 4 && axis >= row && axis <= row + 1 ? options.UsualSide : null)
            ?? throw new GpuCamException(
                $"{file.Name}: the input {input.Label} takes any size, and none was asked for: give the size of its images");
    }

    /// <summary>
    /// Whether a picture comes channels last: its last axis is as short as channels are and the others are not; or the model begins by
    /// turning it.
    /// </summary>
    private bool IsChannelsLast(string name, IReadOnlyList<OnnxExtent> said)
    {
        bool second = said[1].Value is <= 4, fourth = said[3].Value is 1 or 3 or 4;
        return fourth != second
            ? fourth && said[2].Value is not <= 4
            : file.Model.Graph.Nodes.Any(node =>
                node.Operator == "Transpose" && node.Inputs.Contains(name) && node.Ints("perm") is [0, 3, 1, 2]);
    }
}
