using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Model.Graphs;

namespace GpuCam.Tests.Model;

/// <summary>Where the weights of a new network come from.</summary>
public class InitialWeightsTests
{
    [Fact]
    public void Initial_weights_depend_on_the_seed_and_the_name_alone()
    {
        var small = new Shape(3, 3, 4, 6);
        float[] weights = HeInitialization.Weights("conv2.weight", small, 5);
        Assert.Equal(weights, HeInitialization.Weights("conv2.weight", small, 5));
        Assert.NotEqual(weights, HeInitialization.Weights("conv2.weight", small, 6));
        Assert.NotEqual(weights, HeInitialization.Weights("conv1.weight", small, 5));
    }

    [Fact]
    public void Initial_weights_are_normal_with_the_deviation_of_He()
    {
        float[] weights = HeInitialization.Weights("conv2.weight", new Shape(5, 5, 32, 64), 1);
        double deviation = Math.Sqrt(2.0 / 800);
        double mean = weights.Average(v => (double)v);
        double variance = weights.Average(v => (v - mean) * (v - mean));
        Assert.InRange(mean, -3 * deviation / Math.Sqrt(weights.Length), 3 * deviation / Math.Sqrt(weights.Length));
        Assert.InRange(Math.Sqrt(variance) / deviation, 0.99, 1.01);
        Assert.InRange(weights.Count(v => Math.Abs(v) < deviation) / (double)weights.Length, 0.675, 0.690);
    }

    [Fact]
    public void A_new_normalisation_changes_nothing_and_a_bias_adds_nothing()
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        using Execution network = TrainedKinds.Create(device);
        foreach (Parameter parameter in network.Saved.Where(parameter => parameter.Shape == Shape.Vector(parameter.Shape.C)))
        {
            float expected = parameter.Name is "bn.scale" or "bn.variance" ? 1 : 0;
            if (parameter.Name.StartsWith("bn.", StringComparison.Ordinal) || parameter.Name == "classifier.bias")
            {
                Assert.All(parameter.Value.ToArray(), value => Assert.Equal(expected, value));
            }
        }
    }
}
