using GpuCam.Kernels;
using GpuCam.Model;

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
}
