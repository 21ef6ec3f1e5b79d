namespace GpuCam.Model;

/// <summary>An input or output of a file that was written.</summary>
/// <param name="Name">What the file calls it.</param>
/// <param name="Type">Its numbers: float32 or int64.</param>
/// <param name="Extents">Its extents: whole numbers, and symbols where any goes.</param>
public sealed record OnnxExportedValue(string Name, string Type, IReadOnlyList<object> Extents)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Extents)}]";
}

/// <summary>What a file holds that <see cref="OnnxExport"/> wrote.</summary>
/// <param name="Options">How it was written.</param>
public sealed record OnnxExported(OnnxExportOptions Options)
{
    private readonly List<OnnxExportedValue> _inputs = [], _outputs = [];
    private readonly List<string> _maps = [];

    /// <summary>The image, what else the network takes, then the classes of the maps where they are an input.</summary>
    public IReadOnlyList<OnnxExportedValue> Inputs => _inputs;

    /// <summary>The logits, what else the network gives, then maps and their classes.</summary>
    public IReadOnlyList<OnnxExportedValue> Outputs => _outputs;

    /// <summary>The names of inputs and outputs that the network itself does not have.</summary>
    internal IReadOnlyList<string> Maps => _maps;

    /// <summary>The tensor that says which classes the maps are of, [N, k]; null where they are of all.</summary>
    internal string? Chosen { get; set; }

    /// <summary>The output with the class activation maps; null where there is none.</summary>
    internal string? Cam { get; set; }

    internal void AddInput(OnnxExportedValue value, bool isMap = false) => Add(_inputs, value, isMap);

    internal void AddOutput(OnnxExportedValue value, bool isMap = false) => Add(_outputs, value, isMap);

    private void Add(List<OnnxExportedValue> values, OnnxExportedValue value, bool isMap)
    {
        values.Add(value);
        if (isMap)
        {
            _maps.Add(value.Name);
        }
    }
}
