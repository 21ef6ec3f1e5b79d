using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>What a host makes of a weight is kept instead of it, and only as long as the weight is what it was made of.</summary>
public class KeptWeightTests
{
    private static readonly Shape s_image = new(1, 12, 12, 16);

    [Fact]
    public void A_weight_that_something_was_made_of_is_in_memory_only_if_somebody_asks()
    {
        using var op = new OpHarness("simd-256");
        using var execution = new Execution(op.Device, Network());
        Tensor images = op.Input("x", s_image, OpHarness.Random(s_image.Count, 3));
        int before = op.Device.LiveBuffers;
        float[] y = execution.Forward(images).ToArray();
        Assert.Equal(before + 2, op.Device.LiveBuffers);        // the bias and what came out

        Parameter weight = execution.Parameters[0];
        float[] values = OpHarness.Random(weight.Shape.Count, 1);
        Assert.Equal(values, weight.Value.ToArray());
        Assert.Equal(before + 3, op.Device.LiveBuffers);
        Assert.Equal(y, execution.Forward(images).ToArray());
        weight.Value.CopyFrom([.. values.Select(value => 2 * value)]);
        execution.Parameters[1].Value.Buffer.Clear();
        float[] twice = execution.Forward(images).ToArray();
        weight.Value.CopyFrom(values);
        OpHarness.Close([.. execution.Forward(images).ToArray().Select(value => 2.0 * value)], twice, 1e-6);
    }

    [Fact]
    public void Weights_read_in_the_background_leave_memory_too()
    {
        using var op = new OpHarness("simd-256");
        using Execution loaded = new(op.Device, Network()), other = new(op.Device, Network());
        Tensor images = op.Input("x", s_image, OpHarness.Random(s_image.Count, 3));
        int before = op.Device.LiveBuffers;
        loaded.LoadInBackground();
        Assert.True(SpinWait.SpinUntil(() => op.Device.LiveBuffers == before + 2, TimeSpan.FromSeconds(30)));
        float[] y = loaded.Forward(images).ToArray();
        Assert.Equal(before + 2, op.Device.LiveBuffers);
        Assert.Equal(other.Forward(images).ToArray(), y);
    }

    private static Network Network()
    {
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, s_image);
        var shape = new Shape(3, 3, 16, 32);
        x = graph.Add("conv", new Conv2DNode(
            x, new WindowRule(3, 3) { Same = SamePadding.Upper },
            new GraphParameter("weight", ParameterKind.ConvolutionWeight, shape, ParameterData.Of(OpHarness.Random(shape.Count, 1))),
            new GraphParameter("bias", ParameterKind.Bias, Shape.Vector(32), ParameterData.Of(OpHarness.Random(32, 2)))));
        return new Network(graph.Build(x), []);
    }
}
