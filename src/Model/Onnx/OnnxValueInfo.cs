namespace GpuCam.Model;

/// <summary>An extent of a value's shape: a number, a name for one that the caller chooses, or neither.</summary>
internal sealed record OnnxExtent(long? Value, string? Name)
{
    /// <summary>As people write it: <c>224</c>, <c>batch</c>, <c>?</c>.</summary>
    public override string ToString() => Value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Name ?? "?";
}

/// <summary>What the file says about an input, an output or an inner value.</summary>
/// <param name="Name">The value's.</param>
/// <param name="Type">Undefined for what is no tensor: sequences, maps.</param>
/// <param name="Extents">Null if the file does not say how many there are.</param>
internal sealed record OnnxValueInfo(string Name, OnnxType Type, IReadOnlyList<OnnxExtent>? Extents)
{
    /// <summary>As people write it: <c>'x' [batch, 3, 224, 224] of FLOAT</c>.</summary>
    public string Label =>
        $"{OnnxText.Quote(Name)} {(Extents is null ? "of any shape" : $"[{string.Join(", ", Extents)}]")} of {Type.Text}";
}
