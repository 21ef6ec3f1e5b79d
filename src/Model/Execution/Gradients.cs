using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Backward passes of an execution. A value that several nodes read gets the sum of what they send back, the last node's part first:
/// the order is fixed, and so are the bits. A gradient that nobody asked for is gone once its node has sent it on.
/// </summary>
internal sealed class Gradients(Execution execution, Pass pass, Planner planner) : IDisposable
{
    private readonly ReusedTensor?[] _own = new ReusedTensor?[execution.Graph.Values.Count];
    private readonly Tensor?[] _gradients = new Tensor?[execution.Graph.Values.Count];
    private readonly bool[] _passed = new bool[execution.Graph.Values.Count];
    private readonly Tensor?[] _passing = new Tensor?[execution.Graph.Values.Count];
    private readonly PlanMemory _memory = new(execution.Device);
    private readonly ReusedTensor _part = new(execution.Device, "part of a gradient");
    private Func<BackwardPlan>? _way;
    private Tensor? _dOutput;

    /// <summary>The gradient of a value, if the last pass came by and somebody had asked for it.</summary>
    public Tensor? Of(Value value) => _gradients[value.Index];

    /// <summary>The same, whether somebody had asked for it or asks now: then the last pass is done again.</summary>
    public Tensor? Ask(Value value)
    {
        if (_gradients[value.Index] is null && _passed[value.Index])
        {
            execution.State.Wanted.AddGradient(value);
            Send();
        }

        return _gradients[value.Index];
    }

    /// <summary>Forgets the last pass.</summary>
    public void Forget()
    {
        Array.Clear(_gradients);
        Array.Clear(_passed);
    }

    /// <summary>Sends a gradient back from the output.</summary>
    /// <param name="dOutput">The output's gradient.</param>
    /// <param name="ends">Values whose gradients are asked for.</param>
    /// <param name="training">Whether the parameters' gradients are written too.</param>
    public void Send(Tensor dOutput, IReadOnlyList<Value> ends, bool training)
    {
        (_way, _dOutput) = (() => planner.Backward(ends, training, execution.State.Wanted), dOutput);
        Send();
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _part.Dispose();
        _memory.Dispose();
        foreach (ReusedTensor? tensor in _own)
        {
            tensor?.Dispose();
        }
    }

    private void Send()
    {
        BackwardPlan plan = _way!();
        Value[] stale = [.. plan.Winners.Where(node => !pass.HasWinners(node)).Select(node => node.Output)];
        pass.Forget(stale);
        Value[] missing = [.. plan.Reads.Concat(stale).Where(value => pass.Known(value) is null).Distinct()];
        if (missing.Length > 0)
        {
            pass.Run(planner.Rest(pass, missing, execution.State.Wanted));
        }

        Run(plan, _dOutput!);
    }

    private void Run(BackwardPlan plan, Tensor dOutput)
    {
        Forget();
        int output = execution.Graph.Output.Index;
        (_gradients[output], _passed[output]) = (dOutput, true);
        for (int i = plan.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = plan.Nodes[i];
            if (_gradients[node.Output.Index] is { } dy)
            {
                Differentiate(node, dy, plan);
                if (plan.Training && execution.State.Wanted.Trains(node))
                {
                    execution.State.Differentiated?.Invoke(node);
                }

                if (plan.Slots[node.Output.Index] >= 0)
                {
                    _gradients[node.Output.Index] = null;
                }
            }
        }
    }

    private void Differentiate(Node node, Tensor dy, BackwardPlan plan)
    {
        NodeRun run = execution.RunOf(node);
        run.TurnBack(dy, overwrites: plan.Slots[node.Output.Index] >= 0);
        run.Y = execution.Known(node.Output)!;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            run.SetInput(i, execution.Known(node.Inputs[i]));
        }

        if (plan.Training && execution.State.Wanted.Trains(node))
        {
            execution.Clock.Start();
            node.BackwardParameters(run);
            execution.Clock.Stop(node, StepPart.ParameterGradients);
        }

        for (int i = 0; i < node.Inputs.Count; i++)
        {
            Value input = node.Inputs[i];
            if (!plan.Flow[input.Index])
            {
                continue;
            }

            Shape shape = execution.ShapeOf(input);
            if (_gradients[input.Index] is { } sum)
            {
                run.DX = _part.Get(shape);
                BackwardInput(run, i);
                Accumulate.Forward(run.DX, sum);
            }
            else
            {
                run.DX = Begin(input, shape, plan);
                BackwardInput(run, i);
            }
        }

        foreach (Value sum in (node as FusedNode)?.Sums ?? [])
        {
            _passed[sum.Index] = plan.Flow[sum.Index];
            if (plan.Flow[sum.Index] && execution.State.Wanted.Gradients.Contains(sum))
            {
                Tensor before = run.Before(((FusedNode)node).Activation);
                ScaledCopy.Forward(before, Begin(sum, before.Shape, plan), 1, mirror: false);
            }
        }
    }

    /// <summary>Where the first part of a value's gradient goes.</summary>
    private Tensor Begin(Value value, Shape shape, BackwardPlan plan)
    {
        int index = value.Index, slot = plan.Slots[index];
        _passed[index] = true;
        return _gradients[index] = slot < 0
            ? (_own[index] ??= new ReusedTensor(execution.Device, $"gradient of {value.Name}")).Get(shape)
            : _passing[index] = _memory.Get(slot, "gradient on its way", shape, _passing[index]);
    }

    private void BackwardInput(NodeRun run, int input)
    {
        execution.Clock.Start();
        run.Node.BackwardInput(run, input);
        execution.Clock.Stop(run.Node, StepPart.InputGradient);
    }
}
