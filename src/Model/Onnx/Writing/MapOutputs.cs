using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What all maps of a file have in common: of which classes they are, and how they leave it.</summary>
internal sealed class MapOutputs(ForwardExport export, Network network, OnnxExported exported)
{
    private const string Float = "float32", Integer = "int64";
    private readonly OnnxExportOptions _options = exported.Options;
    private string? _scores;

    /// <summary>Adds what says of which classes maps are: an input, or the best ones, which are an output then. Nothing for all.</summary>
    public void Choose()
    {
        OnnxWriter writer = export.Writer;
        if (_options.ClassInput)
        {
            var classes = new OnnxExportedValue(writer.Fresh("classes"), Integer, [export.Images, Maps]);
            writer.Input(classes.Name, OnnxType.Int64, [.. classes.Extents]);
            exported.AddInput(classes, isMap: true);
            exported.Chosen = classes.Name;
        }
        else if (_options.Top is { } top)
        {
            exported.Chosen = Best(top, writer.Fresh("classes"));
        }
    }

    /// <summary>Makes the classes known as an output, where the file chooses them.</summary>
    public void Tell()
    {
        if (_options.Top is not null && exported.Chosen is { } chosen)
        {
            var classes = new OnnxExportedValue(chosen, Integer, [export.Images, Maps]);
            export.Writer.Output(chosen, OnnxType.Int64, [.. classes.Extents]);
            exported.AddOutput(classes, isMap: true);
        }
    }

    /// <summary>The indices of the best classes, [N, count] int64, best first.</summary>
    public string Best(int count, string name)
    {
        export.Writer.Add("TopK", [export.Writer.Fresh($"{name}/scores"), name], [Scores, export.Numbers.Longs(count)], ("axis", 1L));
        return name;
    }

    /// <summary>The number of maps of an image: a symbol where an input says it.</summary>
    public object Maps => _options.ClassInput ? "k" : (long)(_options.Top ?? network.ClassCount);

    /// <summary>A score for each class, [N, classes]: the logits, or of one logit y both -y and y.</summary>
    public string Scores => _scores ??= network.LogitCount > 1
        ? export.In(network.Graph.Output, OnnxForm.Rows)
        : Doubled(export.In(network.Graph.Output, OnnxForm.Rows), export.Writer.Fresh("class scores"));

    /// <summary>What speaks for the one class of a single logit, behind what speaks for the other one: negated.</summary>
    public string Doubled(string tensor, string name) => export.Writer.Add(
        "Concat", name, [export.Writer.Add("Neg", export.Writer.Fresh($"{name}/negative"), [tensor]), tensor], ("axis", 1L));

    /// <summary>Makes maps an output: raw, or as they are drawn.</summary>
    /// <param name="name">What they are called, unless something of the network is.</param>
    /// <param name="make">Makes the raw maps [N, maps, h, w] under a name and returns the tensor.</param>
    /// <param name="size">Their extents.</param>
    /// <param name="maps">How many of an image.</param>
    /// <param name="rectifies">Whether what is drawn has no negative values.</param>
    /// <returns>What they are called.</returns>
    public string Give(string name, Func<string, string> make, (int H, int W) size, object maps, bool rectifies)
    {
        OnnxWriter writer = export.Writer;
        name = writer.Fresh(name);
        if (_options.ResizeMaps)
        {
            string raw = make(writer.Fresh($"{name}/raw"));
            raw = rectifies ? writer.Add("Relu", writer.Fresh($"{name}/rectified"), [raw]) : raw;
            Shape image = network.Graph.Input.Shape;
            export.Resize(name, raw, size, (image.H, image.W), ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"));
            size = (image.H, image.W);
        }
        else if (make(name) is var tensor && tensor != name)
        {
            writer.Add("Identity", name, [tensor]);
        }

        var value = new OnnxExportedValue(name, Float, [export.Images, maps, (long)size.H, (long)size.W]);
        writer.Output(name, OnnxType.Float, [.. value.Extents]);
        exported.AddOutput(value, isMap: true);
        return name;
    }
}
