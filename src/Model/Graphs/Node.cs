using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What of a forward pass a node's gradient of its inputs reads again, beside parameters and what the node itself keeps.</summary>
[Flags]
public enum GradientReads
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>The inputs.</summary>
    Inputs = 1,

    /// <summary>The output.</summary>
    Output = 2,
}

/// <summary>
/// A node of a <see cref="Graph"/>. A kind of node is one file: its shape rule, its forward pass, the gradient of its inputs and that of
/// its parameters, each by the ops of <c>src/Kernels/Ops</c>. A node holds settings and no memory: what it works on comes as a
/// <see cref="NodeRun"/>, and one node can serve any number of executions. To add a kind, follow a neighbour in <c>Graphs/Nodes</c>.
/// </summary>
public abstract class Node
{
    private Value? _output;

    /// <summary>A node that reads <paramref name="inputs"/>.</summary>
    protected Node(IReadOnlyList<Value> inputs, IReadOnlyList<GraphParameter>? parameters = null)
    {
        Inputs = inputs;
        Parameters = parameters ?? [];
    }

    /// <summary>What it reads.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>What it computes with; empty for most kinds.</summary>
    public IReadOnlyList<GraphParameter> Parameters { get; }

    /// <summary>What it makes.</summary>
    public Value Output
    {
        get => _output ?? throw new InvalidOperationException($"a {Kind} node outside of a graph");
        internal set => _output = value;
    }

    /// <summary>The name of what it makes.</summary>
    public string Name => Output.Name;

    /// <summary>What people call this kind: <c>conv 3x3/2</c>, <c>relu</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What <see cref="BackwardInput"/> reads of the forward pass.</summary>
    public virtual GradientReads Reads => GradientReads.Nothing;

    /// <summary>Whether the forward pass leaves integers (winners of a maximum) that the gradient needs.</summary>
    public virtual bool KeepsWinners => false;

    /// <summary>Whether the output may lie in the memory of an input that is as large.</summary>
    public virtual bool RunsInPlace => false;

    /// <summary>Whether training changes one of its parameters.</summary>
    public bool IsTrained => Parameters.Any(parameter => parameter.IsTrained);

    /// <summary>Whether it computes something else in training (<see cref="Execution.Training"/>) than otherwise.</summary>
    public virtual bool HasTrainingMode => false;

    /// <summary>Whether the node adds a vector of channels that does not depend on its inputs.</summary>
    public virtual bool AddsBias => false;

    /// <summary>Cells of the input that a cell of the output is made of; 1 where there is no such window.</summary>
    public virtual ReceptiveField Window => ReceptiveField.Pixel;

    /// <summary>Extents of the output for those of the inputs, all for one image.</summary>
    /// <exception cref="GpuCamException">The inputs do not fit.</exception>
    public abstract Shape Infer(IReadOnlyList<Shape> inputs);

    /// <summary>Multiply-adds for one image; 0 for what is not worth counting.</summary>
    public virtual long MultiplyAdds(IReadOnlyList<Shape> inputs, Shape output) => 0;

    /// <summary>Writes <see cref="NodeRun.Y"/>.</summary>
    public abstract void Forward(NodeRun run);

    /// <summary>Writes <see cref="NodeRun.DX"/>, the gradient of input number <paramref name="input"/>.</summary>
    public abstract void BackwardInput(NodeRun run, int input);

    /// <summary>The vector of channels that the node adds, where <see cref="AddsBias"/> says that there is one.</summary>
    public virtual Tensor Bias(NodeRun run) => throw new InvalidOperationException($"a {Kind} node adds no bias");

    /// <summary>Takes what the forward pass measured of its batch into the running statistics, for kinds that have any.</summary>
    public virtual void UpdateStatistics(NodeRun run)
    {
    }

    /// <summary>The running statistics that training moves towards those of its batches.</summary>
    public virtual IReadOnlyList<GraphParameter> Statistics => [];

    /// <summary>
    /// Writes what the forward pass measured of a part of a batch, times the part's share of the images: the parts' sum is for
    /// <see cref="MoveStatistics"/>.
    /// </summary>
    public virtual void MeasureStatistics(NodeRun run, float share, IReadOnlyList<Tensor> measured)
    {
    }

    /// <summary>Moves the running statistics towards these.</summary>
    public virtual void MoveStatistics(NodeRun run, IReadOnlyList<Tensor> measured)
    {
    }

    /// <summary>Writes every parameter's gradient, reading inputs and <see cref="NodeRun.DY"/>; for kinds that can be trained.</summary>
    public virtual void BackwardParameters(NodeRun run) =>
        throw new GpuCamException($"'{Name}': a {Kind} node cannot be trained; freeze it, or train what lies behind it");
}
