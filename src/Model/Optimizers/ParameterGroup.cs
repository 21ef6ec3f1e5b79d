namespace GpuCam.Model;

/// <summary>Parameters that are optimised alike.</summary>
/// <param name="Parameters">Which.</param>
/// <param name="RateFactor">Factor on the learning rate.</param>
/// <param name="Decays">Whether the optimizer's weight decay is for them.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, float RateFactor = 1, bool Decays = true)
{
    /// <summary>
    /// All parameters of a network that are not frozen. In networks with batch normalisations vectors do not decay: what follows a
    /// normalisation is as large as its scale, however small the weights before it are (arXiv 1812.01187, section 3.1).
    /// </summary>
    /// <param name="execution">The network.</param>
    /// <param name="headFactor">Factor on the learning rate of its last layer (<see cref="Network.Head"/>).</param>
    public static IReadOnlyList<ParameterGroup> Of(Execution execution, float headFactor = 1)
    {
        ArgumentNullException.ThrowIfNull(execution);
        HashSet<string> head = [.. execution.Network.Head.Parameters.Select(parameter => parameter.Name)];
        bool normalizes = execution.Graph.Nodes.Any(node => node is BatchNormalizationNode { HasTrainingMode: true });
        return
        [
            .. execution.Trained
                .GroupBy(parameter => (
                    Factor: head.Contains(parameter.Name) ? headFactor : 1,
                    Decays: !normalizes || parameter.Kind is ParameterKind.ConvolutionWeight or ParameterKind.LinearWeight))
                .Select(group => new ParameterGroup([.. group], group.Key.Factor, group.Key.Decays)),
        ];
    }
}
