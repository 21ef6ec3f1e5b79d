namespace GpuCam.Model;

/// <summary>How an ONNX file is written by <see cref="OnnxExport"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Version of ONNX's operators, 13 to 21; older runtimes read older ones.</summary>
    public int Opset { get; init; } = OpsetForms.Oldest;

    /// <summary>The versions that can be written.</summary>
    public static IReadOnlyList<int> Opsets { get; } =
        [.. Enumerable.Range(OpsetForms.Oldest, OpsetForms.Newest - OpsetForms.Oldest + 1)];

    /// <summary>
    /// Whether the file has a second output, <c>cam</c>: the exact class activation maps, [N, classes, h, w], signed and raw, as
    /// <see cref="ClassActivationMapping"/> makes them.
    /// </summary>
    public bool WithCam { get; init; }

    /// <summary>Maps of this many best classes of each image, best first, [N, Top, h, w], instead of all; null for all.</summary>
    public int? Top { get; init; }

    /// <summary>
    /// Whether the file has a second input, <c>classes</c> (int64 [N, k]), that says for which classes of each image maps are made,
    /// [N, k, h, w].
    /// </summary>
    public bool ClassInput { get; init; }

    /// <summary>
    /// A value whose map by gradients is one more output, [N, 1, h, w], called as the method; the way back from the logits to the value is
    /// in the file. The map is of the class with the largest logit, or of the first that the input says; null for no such map.
    /// </summary>
    public string? GradientValue { get; init; }

    /// <summary>The method of that map, one of <see cref="GradientMethods"/>.</summary>
    public string GradientMethod { get; init; } = "gradcam";

    /// <summary>The methods whose maps by gradients a file can hold.</summary>
    public static IReadOnlyList<string> GradientMethods { get; } = ["gradcam", "hirescam", "layercam", "gradcam++"];

    /// <summary>Whether maps come enlarged to the input, [N, …, H, W], and without negative values where the method has none.</summary>
    public bool ResizeMaps { get; init; }
}
