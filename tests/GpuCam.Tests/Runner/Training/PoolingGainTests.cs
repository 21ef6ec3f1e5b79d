using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Training;
using GpuCam.Tests.Model;

namespace GpuCam.Tests.Runner.Training;

/// <summary>What training does to the pooled features, and what is left of it in the network that is tested and saved.</summary>
public sealed class PoolingGainTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void The_classifier_sees_the_same_evidence_on_every_canvas(int pools)
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        using Execution network = LeNetGap.Create(device, TinyProblem.Config with { Size = 24, Pools = pools }, 1);
        var gain = new PoolingGain(network, 8, 24);
        float[] plain = TinyProblem.Weights(network);
        float Evidence(int size)
        {
            // One cell of 1, as many cells of 0 as the canvas has: the feature behind it, whatever the canvas.
            gain.Unfold(size);
            Shape map = new(1, size >> pools, size >> pools, 6);
            using var x = new Tensor(device, "x", map);
            x.CopyFrom([1, .. new float[map.Count - 1]]);
            network.ForwardFrom(network.Network.DefaultValue!.Name, x);
            return network.Activation("gap").ToArray()[0];
        }

        float whole = Evidence(24);
        Assert.Equal(8f / (24 >> pools) / (24 >> pools), whole, 1e-6f);
        Assert.Equal(whole, Evidence(12), 1e-6f);
        Assert.Equal(whole, Evidence(13), 1e-6f);
        Assert.NotEqual(plain, TinyProblem.Weights(network));
        gain.Fold();
        Assert.Equal(plain, TinyProblem.Weights(network));
        Assert.Equal(1, network.PoolingGain);
    }

    [Fact]
    public void A_maximum_is_left_as_it_is()
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        using Execution network = LeNetGap.Create(device, TinyProblem.Config with { Pooling = GlobalPooling.Max }, 1);
        var gain = new PoolingGain(network, 1, 12);
        float[] plain = TinyProblem.Weights(network);
        gain.Unfold(8);
        Assert.Equal(plain, TinyProblem.Weights(network));
        gain.Fold();
        Assert.Equal(plain, TinyProblem.Weights(network));
    }
}
