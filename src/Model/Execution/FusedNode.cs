using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// One step in place of several nodes of a graph. Its inputs are what the nodes read and none of them makes; its output is that of the
/// last.
/// </summary>
internal abstract class FusedNode : Node
{
    /// <summary>A step.</summary>
    /// <param name="inside">What it stands for, in an order in which it can run.</param>
    /// <param name="inputs">What it reads.</param>
    protected FusedNode(IReadOnlyList<Node> inside, IReadOnlyList<Value> inputs)
        : base(inputs, [.. inside.SelectMany(node => node.Parameters)])
    {
        Inside = inside;
        Output = inside[^1].Output;
    }

    /// <summary>What it stands for.</summary>
    public IReadOnlyList<Node> Inside { get; }

    /// <summary>
    /// Values inside whose gradient is that of the output in front of the activation (<see cref="NodeRun.Before"/>): it can be asked for
    /// though they are never made.
    /// </summary>
    public virtual IEnumerable<Value> Sums => [];

    /// <summary>The activation behind which <see cref="Sums"/> lie.</summary>
    public virtual Kernels.Ops.Activation Activation => default;

    /// <inheritdoc/>
    public override string Kind => string.Join(", ", Inside.Select(node => node.Kind));

    /// <inheritdoc/>
    public override GradientReads Reads => Activation.IsNone ? GradientReads.Nothing : GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => Visit(inputs, (_, _, _) => { });

    /// <inheritdoc/>
    public override long MultiplyAdds(IReadOnlyList<Shape> inputs, Shape output)
    {
        long sum = 0;
        Visit(inputs, (node, given, made) => sum += node.MultiplyAdds(given, made));
        return sum;
    }

    private Shape Visit(IReadOnlyList<Shape> inputs, Action<Node, Shape[], Shape> visit)
    {
        var shapes = new Dictionary<Value, Shape>();
        for (int i = 0; i < inputs.Count; i++)
        {
            shapes[Inputs[i]] = inputs[i];
        }

        foreach (Node node in Inside)
        {
            Shape[] given = [.. node.Inputs.Select(input => shapes[input])];
            visit(node, given, shapes[node.Output] = node.Infer(given));
        }

        return shapes[Output];
    }
}
