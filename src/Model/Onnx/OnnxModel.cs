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
}
