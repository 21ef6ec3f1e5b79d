using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Backward passes of an execution. A value that several nodes read gets the sum of what they send back, the last node's part first:
/// the order is fixed, and so are the bits.
/// </summary>
internal sealed class Gradients(Execution execution) : IDisposable
{
    private readonly ReusedTensor?[] _memory = new ReusedTensor?[execution.Graph.Values.Count];
    private readonly Tensor?[] _gradients = new Tensor?[execution.Graph.Values.Count];
    private readonly ReusedTensor _part = new(execution.Device, "part of a gradient");

    /// <summary>The gradient of a value, if the last pass came by.</summary>
    public Tensor? Of(Value value) => _gradients[value.Index];

    /// <summary>Forgets the last pass.</summary>
    public void Forget() => Array.Clear(_gradients);

    /// <summary>Sends a gradient back from the output.</summary>
    /// <param name="nodes">In the order in which they ran.</param>
    /// <param name="dOutput">The output's gradient.</param>
    /// <param name="flow">Values that the pass comes through.</param>
    /// <param name="training">Whether the parameters' gradients are written too.</param>
    public void Run(IReadOnlyList<Node> nodes, Tensor dOutput, bool[] flow, bool training)
    {
        Forget();
        _gradients[execution.Graph.Output.Index] = dOutput;
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            Node node = nodes[i];
            if (flow[node.Output.Index] && _gradients[node.Output.Index] is { } dy)
            {
                Differentiate(node, dy, flow, training && node.IsTrained);
            }
        }
    }

    public void Dispose()
    {
        _part.Dispose();
        foreach (ReusedTensor? tensor in _memory)
        {
            tensor?.Dispose();
        }
    }

    private void Differentiate(Node node, Tensor dy, bool[] flow, bool parameters)
    {
        NodeRun run = execution.RunOf(node);
        run.DY = dy;
        run.Y = execution.Known(node.Output)!;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            run.SetInput(i, execution.Known(node.Inputs[i]));
        }

        if (parameters)
        {
            execution.Clock.Start();
            node.BackwardParameters(run);
            execution.Clock.Stop(node, StepPart.ParameterGradients);
        }

        for (int i = 0; i < node.Inputs.Count; i++)
        {
            int index = node.Inputs[i].Index;
            if (!flow[index])
            {
                continue;
            }

            Shape shape = execution.ShapeOf(node.Inputs[i]);
            if (_gradients[index] is { } sum)
            {
                run.DX = _part.Get(shape);
                BackwardInput(run, i);
                Accumulate.Forward(run.DX, sum);
            }
            else
            {
                _memory[index] ??= new ReusedTensor(execution.Device, $"gradient of {node.Inputs[i].Name}");
                run.DX = _gradients[index] = _memory[index]!.Get(shape);
                BackwardInput(run, i);
            }
        }
    }

    private void BackwardInput(NodeRun run, int input)
    {
        execution.Clock.Start();
        run.Node.BackwardInput(run, input);
        execution.Clock.Stop(run.Node, StepPart.InputGradient);
    }
}
