namespace GpuCam.Model;

/// <summary>
/// A network out of an ONNX file. Its weights stay in the file, which is mapped into memory for as long as the graph lives, until an
/// <see cref="Execution"/> takes them.
/// </summary>
/// <param name="Graph">The network; its first output are the scores.</param>
/// <param name="Ending">The operator that made probabilities of the scores in the file and is left out: Softmax, LogSoftmax or Sigmoid; or
/// null.</param>
/// <param name="Opset">Of ONNX's own operators.</param>
/// <param name="IrVersion">Of the format.</param>
/// <param name="Producer">The tool that wrote the file, as it calls itself.</param>
/// <param name="Metadata">Whatever the file says beside the network.</param>
public sealed record OnnxNetwork(
    Graph Graph, string? Ending, long Opset, long IrVersion, string Producer, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Reads the network in the file at <paramref name="path"/>.</summary>
    /// <exception cref="GpuCamException">It is no ONNX file, a damaged one, or a network that cannot run; one line says all that is
    /// missing.</exception>
    public static OnnxNetwork Read(string path, OnnxImportOptions? options = null)
    {
        options ??= new OnnxImportOptions();
        return Read(OnnxFile.Open(path, options.OldestOpset), options);
    }

    /// <summary>Reads the network in memory; <paramref name="name"/> is what errors call it.</summary>
    /// <exception cref="GpuCamException">It is no ONNX model, a damaged one, or a network that cannot run.</exception>
    public static OnnxNetwork Read(ReadOnlyMemory<byte> bytes, string name, OnnxImportOptions? options = null)
    {
        options ??= new OnnxImportOptions();
        return Read(OnnxFile.Parse(bytes, name, options.OldestOpset), options);
    }

    /// <summary>The file, which the graph's weights are in.</summary>
    internal OnnxFile? File { get; init; }

    /// <summary>How ONNX sees the graph's inputs.</summary>
    internal IReadOnlyList<OnnxLayout> InputLayouts { get; init; } = [];

    /// <summary>How ONNX sees the graph's outputs.</summary>
    internal IReadOnlyList<OnnxLayout> OutputLayouts { get; init; } = [];

    private static OnnxNetwork Read(OnnxFile file, OnnxImportOptions options)
    {
        try
        {
            return Read(file, options, oneByOne: false);
        }
        catch (GpuCamException)
        {
            // What is wrong with one image too is what people can mend.
            try
            {
                return Read(file, options, oneByOne: true);
            }
            catch (GpuCamException)
            {
                file.Dispose();
                throw;
            }
        }
    }

    private static OnnxNetwork Read(OnnxFile file, OnnxImportOptions options, bool oneByOne)
    {
        var attempt = new OnnxAttempt(file, options, oneByOne);
        OnnxModel model = file.Model;
        return new OnnxNetwork(attempt.Run(), attempt.Ending, model.Opset, model.IrVersion, model.Producer, model.Metadata)
        {
            File = file,
            InputLayouts = attempt.InputLayouts,
            OutputLayouts = attempt.OutputLayouts,
        };
    }
}
