using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

public class StepClockTests
{
    private static readonly float[] s_pixels = OpHarness.Random(ManyKinds.Images * ManyKinds.Image.Count, 5);

    [Fact]
    public void A_listener_hears_every_step_in_its_order_and_changes_nothing()
    {
        using var op = new OpHarness("plain");
        using Execution execution = ManyKinds.Create(op.Device), unheard = ManyKinds.Create(op.Device);
        Tensor images = op.Input("images", ManyKinds.Image.WithN(ManyKinds.Images), s_pixels);
        var heard = new List<(Node Node, StepPart Part)>();
        TimeSpan total = default;
        execution.Clock.Listener = (node, part, time) =>
        {
            Assert.True(time >= TimeSpan.Zero);     // a step that copies nothing may take less than a tick
            total += time;
            heard.Add((node, part));
        };
        Tensor logits = execution.Forward(images);
        Assert.Equal(unheard.Forward(images).ToArray(), logits.ToArray());
        Assert.True(total > TimeSpan.Zero);
        Assert.All(heard, step => Assert.Equal(StepPart.Forward, step.Part));
        Assert.Equal(execution.Graph.Output, heard[^1].Node.Output);
        Assert.Equal(heard.Distinct().Count(), heard.Count);

        int forward = heard.Count;
        Tensor dLogits = op.Input("dLogits", logits.Shape, OpHarness.Random(logits.Count, 9));
        execution.Backward(dLogits);
        Assert.Contains(heard, step => step.Part == StepPart.InputGradient);
        Assert.Equal(
            execution.Graph.Nodes.Count(node => node.IsTrained),
            heard.Skip(forward).Count(step => step.Part == StepPart.ParameterGradients));

        int before = heard.Count;
        execution.Clock.Listener = null;
        execution.Forward(images);
        Assert.Equal(before, heard.Count);
    }
}
