using System.Text.Json;

namespace GpuCam.Model;

/// <summary>
/// Writes networks as ONNX files: the graph node by node, with the parameters that the execution has now, the names of the classes and how
/// pictures become the input. Batches of any size go through such a file; its images have the size that the graph was made for.
/// </summary>
public static class OnnxExport
{
    /// <summary>Bytes beside parameters are few; a file of more than 2 GiB is none that can be read.</summary>
    private const long MostBytes = int.MaxValue - (1L << 26);

    /// <summary>
    /// Writes a network. It is as outside of training: dropout is left out, batches are normalised by the running statistics.
    /// </summary>
    /// <param name="execution">The network and its parameters.</param>
    /// <param name="stream">Gets the file; nothing where something is thrown.</param>
    /// <param name="options">What is written beside the logits.</param>
    /// <returns>The file's inputs and outputs.</returns>
    /// <exception cref="GpuCamException">The options do not fit the network, or it is too large.</exception>
    public static OnnxExported Write(Execution execution, Stream stream, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(execution);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        Network network = execution.Network;
        Check(network, options);
        if (options.GradientValue is not null)
        {
            GradientMaps.Check(execution, options.GradientMethod, options.GradientValue);
        }

        var writer = new OnnxWriter(options.Opset);
        var export = new ForwardExport(writer, execution);
        export.Write();
        var exported = new OnnxExported(options);
        foreach (Value input in export.Graph.Inputs)
        {
            exported.AddInput(new OnnxExportedValue(input.Name, "float32", export.DimsOf(input, OnnxForm.Picture)));
        }

        foreach (Value output in export.Graph.Outputs)
        {
            export.OutputOf(output);
            object[] extents = export.DimsOf(output, ForwardExport.OutputFormOf(output));
            exported.AddOutput(new OnnxExportedValue(output.Name, "float32", extents));
        }

        var maps = new MapOutputs(export, network, exported);
        maps.Choose();
        if (options.WithCam)
        {
            exported.Cam = new CamExport(export, network).Write(maps, exported.Chosen);
        }

        if (options.GradientValue is { } value)
        {
            new GradientMaps(export).Write(maps, options.GradientMethod, export.Graph.Value(value), exported.Chosen);
        }

        maps.Tell();
        WriteMetadata(writer, network, exported);
        writer.Write(stream);
        return exported;
    }

    private static void Check(Network network, OnnxExportOptions options)
    {
        if (options.Opset is < OpsetForms.Oldest or > OpsetForms.Newest)
        {
            throw new GpuCamException($"opset {options.Opset} is not written; give {OpsetForms.Oldest} to {OpsetForms.Newest}");
        }

        if (network.Graph.ParameterCount * sizeof(float) > MostBytes)
        {
            throw new GpuCamException($"the network has {network.Graph.ParameterCount:N0} parameters, and an ONNX file holds 2 GiB, which "
                + "are 500 million of them; give a smaller network");
        }

        if (options.WithCam)
        {
            CamExport.TailOf(network);
        }

        if (options is { WithCam: false, Top: not null } or { WithCam: false, GradientValue: null, ClassInput: true })
        {
            throw new GpuCamException("the classes of maps are chosen, and no maps are asked for; ask for them too");
        }

        if (options is { Top: not null, ClassInput: true })
        {
            throw new GpuCamException("the classes of the maps are either the best ones or those of an input; choose one of the two");
        }

        if (options.Top is { } top && (top < 1 || top > network.ClassCount))
        {
            throw new GpuCamException($"maps of the {top} best classes: the network has {network.ClassCount}; give 1 to that many");
        }
    }

    private static void WriteMetadata(OnnxWriter writer, Network network, OnnxExported exported)
    {
        writer.Metadata(PictureMetadata.ClassesKey, JsonSerializer.Serialize(network.ClassNames.ToArray()));
        if (network.Preprocessing is { } preprocessing)
        {
            writer.Metadata(PictureMetadata.PreprocessingKey, PreprocessingFile.ToJson(preprocessing));
        }

        if (exported.Maps.Count > 0)
        {
            writer.Metadata(PictureMetadata.MapsKey, JsonSerializer.Serialize(exported.Maps.ToArray()));
        }
    }
}
