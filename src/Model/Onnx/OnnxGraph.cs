namespace GpuCam.Model;

/// <summary>The network: nodes in an order in which each finds its inputs made, every name made once.</summary>
/// <param name="Name">The graph's own; often the tool's.</param>
/// <param name="Nodes">Ordered so that no node comes before what it needs.</param>
/// <param name="Initializers">Weights and constants by name.</param>
/// <param name="Inputs">What the caller gives: inputs that are initializers too, as files of IR 3 have them, are left out.</param>
/// <param name="Outputs">What the network is for.</param>
/// <param name="Values">What the file says about inner values.</param>
internal sealed record OnnxGraph(
    string Name,
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyDictionary<string, OnnxTensor> Initializers,
    IReadOnlyList<OnnxValueInfo> Inputs,
    IReadOnlyList<OnnxValueInfo> Outputs,
    IReadOnlyList<OnnxValueInfo> Values);
