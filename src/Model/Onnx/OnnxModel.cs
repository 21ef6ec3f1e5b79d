namespace GpuCam.Model;

/// <summary>All that an ONNX file says; the weights stay in the file.</summary>
/// <param name="IrVersion">Of the format: 3 to 13 when this was written; a newer one is read alike.</param>
/// <param name="Producer">The tool that wrote it, with its version if it says so; or empty.</param>
/// <param name="Opsets">The version of the operators by domain; ONNX's own domain is empty.</param>
/// <param name="Metadata">Whatever people put beside the network.</param>
/// <param name="Graph">The network, with functions of the file's own in place of their calls.</param>
internal sealed record OnnxModel(
    long IrVersion,
    string Producer,
    IReadOnlyDictionary<string, long> Opsets,
    IReadOnlyDictionary<string, string> Metadata,
    OnnxGraph Graph)
{
    /// <summary>The version of ONNX's own operators; 0 if the model uses none.</summary>
    public long Opset => Opsets.GetValueOrDefault("");

    /// <summary>The outputs that are the network's own, and not those of maps that are in its file.</summary>
    public IReadOnlyList<string> Outputs => [.. Graph.Outputs.Select(output => output.Name).Except(PictureMetadata.MapsOf(Metadata))];

    /// <summary>The inputs, but for those of maps that nobody reads.</summary>
    public IEnumerable<OnnxValueInfo> Inputs(IReadOnlySet<string> read)
    {
        IReadOnlyList<string> maps = PictureMetadata.MapsOf(Metadata);
        return Graph.Inputs.Where(input => read.Contains(input.Name) || !maps.Contains(input.Name));
    }
}
